# SPDX-License-Identifier: Apache-2.0
"""Reading and writing the text of access files."""

import contextlib
import csv
import datetime
import io
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.repository import ROOT
from xloud_images_panel.access import document, export, plain_yaml, wanted
from xloud_images_panel.access.document import Entry, ImageEntry, Kind, Mode
from xloud_images_panel.access.export import Membership
from xloud_images_panel.access.finding import Finding, Problem, Refused
from xloud_images_panel.access.model import Image, Member, Project
from xloud_images_panel.access.plain_yaml import Text

AT = datetime.datetime(2026, 1, 31, 9, 30, tzinfo=datetime.UTC)
# Any text that JSON can carry and UTF-8 can encode.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.one_of(
    ANY_TEXT, st.sampled_from(["no", "0123", "~", "=1+1", '";=1', "a: b", "- x", "#"])
)


def image(number=1, name="golden"):
    """Return a shared image of the project 99."""
    return Image(
        f"00000000-0000-0000-0000-{number:012d}", name, f"{99:032x}", "shared", "active", "raw",
        "bare", None,
    )  # fmt: skip


def read(text):
    """Return the images of a document."""
    return document.read(text.encode()).images


def refused(content):
    """Return the lines and problems of a file that is refused."""
    content = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(Refused) as caught:
        document.read(content)
    return [(finding.line, finding.problem) for finding in caught.value.findings]


def images(*lines):
    """Return a document with one image that has these lines."""
    return "\n".join(["images:", "  - image: golden", *(f"    {line}" for line in lines)])


# -- reading


def test_whole_file():
    """Images, projects, rules and modes are read with their lines."""
    text = """\
# In git since 2024.
mode: exact
images:
  - image: golden
    projects:
      - app-team-a
      - partners/observatory
      - {project: "0123", name: "ops"}
      - member: ../x
      - domain: partners
      - tag: gpu
  - image: 2026.10
    name: next
    mode: add
    projects: {domain: "no"}
"""
    assert read(text) == (
        ImageEntry(
            4,
            "golden",
            Mode.EXACT,
            (
                Entry(6, Kind.PROJECT, "app-team-a"),
                Entry(7, Kind.PROJECT, "partners/observatory"),
                Entry(8, Kind.PROJECT, "0123", "ops"),
                Entry(9, Kind.MEMBER, "../x"),
                Entry(10, Kind.DOMAIN, "partners"),
                Entry(11, Kind.TAG, "gpu"),
            ),
        ),
        ImageEntry(12, "2026.10", Mode.ADD, (Entry(15, Kind.DOMAIN, "no"),), "next"),
    )


def test_example_of_the_documentation_is_read():
    """The example file can be read, and the documentation shows it unchanged."""
    example = (ROOT / "docs" / "access.yaml").read_text()
    assert len(read(example)) == 2
    page = (ROOT / "docs" / "access-files.md").read_text()
    lines = [line for line in example.splitlines() if not line.startswith("#")]
    assert "\n".join(f"    {line}" for line in lines) in page


@pytest.mark.parametrize(
    "text",
    ["no", "0123", "1e3", "~", "null", "2026-01-31", "0x1f", "1_000", "=", "<<", "Yes", ".5"],
)
def test_text_stays_as_it_is_written(text):
    """A name that YAML reads as a number, date, boolean or null stays text."""
    (entry,) = read(images(f"projects: [{text}]"))[0].entries
    assert entry.text == text


def test_file_adds_unless_it_says_otherwise():
    """A file without a mode only adds, because a removal needs an explicit mode."""
    assert read(images("projects: []"))[0].mode is Mode.ADD


def test_byte_order_mark_is_no_part_of_the_first_key():
    """A byte order mark, which editors on Windows write, is ignored."""
    assert document.read(b"\xef\xbb\xbf" + images("projects: []").encode()).images


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    [
        (["projects: &all [a]"], 3, Problem.ANCHOR),
        (["projects:", "  - *all"], 4, Problem.ALIAS),
        (["projects:", "  - !!str a"], 4, Problem.TAG),
        (["projects: !!python/object/apply:os.system [a]"], 3, Problem.TAG),
        (["projects:", "  - ! a"], 4, Problem.TAG),
        (["projects: [a]", "projects: [b]"], 4, Problem.DUPLICATE_KEY),
        (["projects:", "  - {domain: a, domain: b}"], 4, Problem.DUPLICATE_KEY),
        (["projects:", "  - {[a]: b}"], 4, Problem.NOT_TEXT),
        (["projects: [a"], 4, Problem.SYNTAX),
        (["projects:", "\t- a"], 4, Problem.SYNTAX),
        (["projects: [a]", "colour: red"], 4, Problem.UNKNOWN_KEY),
        (["<<: {projects: [a]}", "projects: [a]"], 3, Problem.UNKNOWN_KEY),
        (["mode: exact"], 2, Problem.MISSING_KEY),
        (["mode: Exact", "projects: [a]"], 3, Problem.BAD_MODE),
        (["mode: [exact]", "projects: [a]"], 3, Problem.NOT_TEXT),
        (["projects:"], 3, Problem.EMPTY),
        (["projects:", "  - a", "  -"], 5, Problem.EMPTY),
        (["projects: ['  ']"], 3, Problem.EMPTY),
        (["projects:", "  - [a]"], 4, Problem.BAD_ENTRY),
        (["projects:", "  - {domain: a, tag: b}"], 4, Problem.BAD_ENTRY),
        (["projects:", "  - {name: a}"], 4, Problem.BAD_ENTRY),
        (["projects:", "  - {domain: a, name: b}"], 4, Problem.UNKNOWN_KEY),
        (["projects:", "  - {domain: [a]}"], 4, Problem.NOT_TEXT),
        (["projects: [a]", "name: [b]"], 4, Problem.NOT_TEXT),
    ],
)
def test_line_that_is_wrong_is_named(lines, line, problem):
    """One wrong line, which the finding names, makes the whole file invalid."""
    assert refused(images(*lines)) == [(line, problem)]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 0, Problem.NO_IMAGES),
        ("# nothing", 0, Problem.NO_IMAGES),
        ("- a", 1, Problem.NOT_KEYS),
        ("mode: add", 1, Problem.MISSING_KEY),
        ("images: golden", 1, Problem.NOT_A_LIST),
        ("images:\n  - golden", 2, Problem.NOT_KEYS),
        ("%TAG ! tag:example.org,2000:\n---\nimages: []", 1, Problem.TAG),
        (b"images:\n  - \xff", 2, Problem.NOT_UTF8),
        ("images: \n\n- \x00", 3, Problem.CONTROL_CHARACTER),
        ("images: []\n# \x1b[2K", 2, Problem.CONTROL_CHARACTER),
        ("images: []\n# \ud7ff\ufffe", 2, Problem.CONTROL_CHARACTER),
        ("images: []\n---\nimages: []", 2, Problem.SEVERAL_DOCUMENTS),
        ("[" * 900, 1, Problem.TOO_DEEP),
        ("{a: " * 100_000, 1, Problem.TOO_DEEP),
        ("- " * 100_000, 1, Problem.TOO_DEEP),
        ("\n" * 100_001, 100_001, Problem.TOO_MANY_LINES),
        ("\r" * 100_001, 100_001, Problem.TOO_MANY_LINES),
        (b" " * 10_000_001, 0, Problem.TOO_MANY_BYTES),
    ],
)
def test_file_that_is_none(text, line, problem):
    """A file of another kind or beyond the bounds is refused without reading further."""
    assert refused(text) == [(line, problem)]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (b" " * 10_000_001, Finding(0, Problem.TOO_MANY_BYTES, count=10_000_000)),
        ("\n" * 100_001, Finding(100_001, Problem.TOO_MANY_LINES, count=100_000)),
        ("[" * 9, Finding(1, Problem.TOO_DEEP, count=8)),
        ("a: \x1b", Finding(1, Problem.CONTROL_CHARACTER, "\\x1b")),
        ("a: *b", Finding(1, Problem.ALIAS, "*b")),
        ("a: &b c", Finding(1, Problem.ANCHOR, "&b")),
        ("a: !b c", Finding(1, Problem.TAG, "!b")),
        ("a: 1\na: 2", Finding(2, Problem.DUPLICATE_KEY, "a")),
    ],
)
def test_finding_says_what_it_is_about(text, finding):
    """A finding has the exceeded bound or the forbidden text."""
    with pytest.raises(Refused) as caught:
        document.read(text if isinstance(text, bytes) else text.encode())
    assert caught.value.findings == [finding]


def test_syntax_error_is_in_the_parsers_words():
    """A syntax error is reported with the parser's message, which names the mistake."""
    with pytest.raises(Refused) as caught:
        document.read(b"images:\n  - a: b: c\n")
    (finding,) = caught.value.findings
    assert (finding.line, finding.problem) == (2, Problem.SYNTAX)
    assert finding.text == "mapping values are not allowed in this context"


def test_file_within_its_bounds_is_read():
    """A file may be exactly as long, in bytes or lines, as the bounds."""
    text = "images: []\n"
    assert document.read((text + "\n" * 99_999).encode()).images == ()
    assert document.read((text + " " * (10_000_000 - len(text))).encode()).images == ()


def test_entries_are_bounded(monkeypatch):
    """The number of entries has its own bound, because one line may have any number of them."""
    monkeypatch.setattr(plain_yaml, "MOST_ENTRIES", 100)
    text = "images: [" + "a," * 97 + "a]"
    with pytest.raises(Refused) as caught:
        document.read(text.encode())
    assert caught.value.findings == [Finding(1, Problem.TOO_MANY_ENTRIES, count=100)]
    assert {problem for _line, problem in refused(text.replace("a,", "", 1))} == {Problem.NOT_KEYS}


def test_each_wrong_line_is_named():
    """All mistakes are reported at once, so that one correction is enough."""
    text = images("projects: [a, '']", "x: 1") + "\n  - image: other\n"
    assert refused(text) == [
        (3, Problem.EMPTY),
        (4, Problem.UNKNOWN_KEY),
        (5, Problem.MISSING_KEY),
    ]


def test_of_many_wrong_lines_the_first_are_named():
    """At most 100 lines are reported, because a file of another kind has only wrong lines."""
    assert len(refused("images:\n" + "  - x\n" * 1000)) == 100


def test_parser_of_python_alone_reads_the_same(monkeypatch):
    """If PyYAML was built without libyaml, its Python parser reads and refuses the same."""
    text = images("projects: [no, {domain: 'x y'}]")
    with_libyaml = read(text)
    monkeypatch.setattr(plain_yaml, "LOADER", yaml.BaseLoader)
    assert read(text) == with_libyaml
    assert refused("- " * 100_000) == [(1, Problem.TOO_DEEP)]


@given(st.one_of(st.binary(), ANY_TEXT.map(str.encode)))
def test_whatever_the_bytes_are_they_are_read_or_refused(content):
    """Any bytes are either read or refused, and raise no other exception."""
    with contextlib.suppress(Refused):
        document.read(content)


# -- writing


@given(ANY_TEXT)
def test_quoted_text_is_read_as_this_text(text):
    """Quoted text is one printable line, which this reader and PyYAML both read back."""
    quoted = plain_yaml.quoted(text)
    assert quoted.isprintable()
    assert plain_yaml.read(quoted.encode()) == Text(1, text)
    assert yaml.safe_load(quoted) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Müller", '"Müller"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("\x00\xa0", '"\\x00\\xa0"'),
        ("\u202e\uffff", '"\\u202e\\uffff"'),
        ("\U000e0001😀", '"\\U000e0001😀"'),
    ],
)
def test_letters_stay_readable(text, written):
    """Only invisible characters are escaped by number, because people read the file in git."""
    assert plain_yaml.quoted(text) == written


def test_half_a_character_is_replaced():
    """Half a surrogate pair, which JSON can have but UTF-8 cannot, is replaced."""
    assert plain_yaml.quoted("\ud800") == '"\ufffd"'


# On SQLite, an ID in capitals is a separate member.
_IDS = st.sampled_from(["a" * 32, "A" * 32])


@st.composite
def memberships(draw):
    """Return memberships of some images, with hostile names and members, and duplicate rows."""
    rows = []
    for number in range(draw(st.integers(0, 3))):
        of_image = image(number, draw(NAMES))
        for member in draw(st.lists(NAMES.filter(bool) | _IDS, min_size=1)):
            project = draw(
                st.none() | st.builds(Project, st.just(member), NAMES, exists=st.booleans())
            )
            row = Member(member, "accepted", AT, AT)
            rows.append(Membership(of_image, row, project, project, draw(NAMES)))
    return rows


@settings(max_examples=40)
@given(memberships())
def test_what_is_written_is_read_back_with_nothing_to_change(rows):
    """An export, whatever its names, reads back as all images and members and changes nothing."""
    text = "".join(export.yaml_text(rows))
    asked = document.read(text.encode())
    there = {row.image.id: row.image for row in rows}
    members = {
        image_id: [row.member for row in rows if row.image.id == image_id] for image_id in there
    }
    cloud = wanted.Cloud({key: [value] for key, value in there.items()}, members, {}, {}, {})
    assert [entry.text for entry in asked.images] == list(there)
    for mode in ("add", "exact"):
        asked = document.read(text.replace("mode: add", f"mode: {mode}").encode())
        answer = wanted.compare(asked, cloud)
        assert answer.plan.changes == {}
        assert not answer.failed
    assert {entry.text for of_image in asked.images for entry in of_image.entries} == {
        row.member.project_id for row in rows
    }
    assert yaml.safe_load(text)["mode"] == "add"


def test_file_that_was_cut_does_not_remove():
    """A truncated file only adds, because the mode is written at the end."""
    text = "".join(export.yaml_text([Membership(image(), Member("a" * 32, "pending"))]))
    for end in range(len(text)):
        try:
            cut = document.read(text[:end].encode())
        except Refused:
            continue
        assert all(entry.mode is Mode.ADD for entry in cut.images)


def test_export_of_nothing_is_a_file():
    """An export without rows is a valid file that requests no change."""
    assert read("".join(export.yaml_text([]))) == ()


@settings(max_examples=40)
@given(memberships())
def test_line_of_csv_is_a_membership_and_no_formula(rows):
    """Each line is one membership, and no cell is a formula, whatever the delimiter."""
    text = "".join(export.csv_lines(rows))
    (head, *lines) = csv.reader(io.StringIO(text, newline=""))
    assert tuple(head) == export.COLUMNS
    assert len(lines) == len(rows) == text.count("\n") - 1
    for delimiter in ",;\t|":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in line:
                assert not re.match(r'[\s"]*[=+\-@＝＋－＠]', cell), (delimiter, cell)  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ops", "ops"),
        ("a-b+c@d=e", "a-b+c@d=e"),
        ("Müller & Söhne", "Müller & Söhne"),
        ("=1+1", "'=1+1"),
        ("  -1", "  '-1"),
        ("\t@x", "\\x09@x"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ('a;=cmd|"/C calc"!A0', 'a;\'=cmd|"/C calc"!A0'),
        ("a,\n=1", "a,\\x0a=1"),
        ("a\r\nb\u2028c", "a\\x0d\\x0ab\\x2028c"),
    ],
)
def test_cell_that_would_be_executed_is_text(text, written):
    """The start of a formula gets an apostrophe before it; other text stays."""
    assert export.inert(text) == written


def test_csv_has_names_and_ids():
    """Each CSV line describes its membership completely, with names and IDs."""
    row = Membership(
        image(),
        Member("b" * 32, "accepted", AT, AT),
        Project(f"{99:032x}", "platform"),
        Project("b" * 32, "observatory", enabled=False),
        "partners",
    )
    _head, line = export.csv_lines([row])
    assert next(csv.reader([line])) == [
        "00000000-0000-0000-0000-000000000001",
        "golden",
        f"{99:032x}",
        "platform",
        "b" * 32,
        "observatory",
        "partners",
        "disabled",
        "accepted",
        "2026-01-31T09:30:00+00:00",
        "2026-01-31T09:30:00+00:00",
    ]


@pytest.mark.parametrize(
    ("project", "state"),
    [
        (None, "not known"),
        (Project("a", exists=False), "no project"),
        (Project("a", enabled=False), "disabled"),
        (Project("a", enabled=True), "enabled"),
    ],
)
def test_state_of_the_project_is_named(project, state):
    """A deleted project and a project that could not be looked up have different states."""
    assert Membership(image(), Member("a", "pending"), project=project).project_state == state


def test_lines_come_as_the_rows_do():
    """Lines are produced row by row, because a cloud has more rows than fit into memory."""

    def rows():
        yield Membership(image(1), Member("a" * 32, "pending"))
        yield Membership(image(2), Member("a" * 32, "pending"))
        pytest.fail("nobody has asked for more")

    lines = export.csv_lines(rows())
    assert len([next(lines) for _number in range(3)]) == 3
    pieces = export.yaml_text(rows())
    assert [next(pieces) for _number in range(2)][1].count("image:") == 1
