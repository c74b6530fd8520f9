"""What counts as an attack on whoever looks: else those that succeed would not be seen."""

import pytest

from tests.attacks.seen import formulas, live


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>1; 'mark'</script>", ["a page with script"]),
        ("<img src=x onerror='mark'>", ["a page with img onerror"]),
        ("<a href=' JavaScript:mark'>x</a>", ["a page with a href"]),
        ("<img src='https://elsewhere.example/mark.png'>", ["a page with img src"]),
        ("<style>p { background: url(mark) }</style>", ["a page with style"]),
        ("<script>1; 'of the page itself'</script>", []),
        ("<a href='https://elsewhere.example/mark'>followed only by who clicks</a>", []),
        ("<img src='data:image/png;base64,mark'>", []),
        ("<pre>&lt;script&gt;mark&lt;/script&gt; onerror='mark'</pre>", []),
    ],
)
def test_what_a_browser_would_do_by_itself_is_found(tmp_path, html, found):
    page = tmp_path / "page.html"
    page.write_text(html)
    assert live(page, "mark") == found


def test_formulas_are_found_in_ones_own_row(tmp_path):
    table = tmp_path / "grades.csv"
    table.write_text('student_id,score,reason\nada,6.0,=1+1\nboris,6.0,"\'=1+1"\n')
    assert formulas(table, "ada") == ["a formula in reason"]
    assert formulas(table, "boris") == []
    assert formulas(tmp_path / "none.csv", "ada") == []
