"""What a page gets of a widget: a script and a style, each written in parts that one can read."""

from pathlib import Path

HERE = Path(__file__).parent


def script(*parts: str) -> str:
    """Join the parts of a script into one module, in which each knows the names of all.

    Parameters
    ----------
    *parts : str
        Such as ``"common/elements"``: JavaScript files here, without their ending.

    Returns
    -------
    str
    """
    return _joined(parts, ".js")


def style(*parts: str) -> str:
    """Join the style of all panels and the parts that are named, which come after it.

    Parameters
    ----------
    *parts : str
        CSS files here, without their ending.

    Returns
    -------
    str
    """
    return _joined(("common/panel", *parts), ".css")


def _joined(parts: tuple[str, ...], ending: str) -> str:
    return "\n".join((HERE / f"{part}{ending}").read_text("utf-8") for part in parts)
