"""What a page gets of a widget: a script and a style, each written in parts that one can read."""

from pathlib import Path

HERE = Path(__file__).parent
COMMON = tuple(f"common/{part}" for part in ("arrays", "colours", "elements"))


def script(widget: str, *parts: str) -> str:
    """Join what all panels share and the parts of one into a module, in which each knows all names.

    Parameters
    ----------
    widget : str
        Its folder.
    *parts : str
        JavaScript files there, without their ending.

    Returns
    -------
    str
    """
    return _joined((*COMMON, *(f"{widget}/{part}" for part in parts)), ".js")


def style(widget: str) -> str:
    """Join the style of all panels and that of one, which comes after it.

    Parameters
    ----------
    widget : str
        Its folder.

    Returns
    -------
    str
    """
    return _joined(("common/panel", f"{widget}/widget"), ".css")


def _joined(parts: tuple[str, ...], ending: str) -> str:
    return "\n".join((HERE / f"{part}{ending}").read_text("utf-8") for part in parts)
