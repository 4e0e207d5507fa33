"""What the program knows of each language, apart from the queries of its grammar.

Each file `NAME.toml` in this folder is the profile of one language. Its keys are fields of `LanguageProfile`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

Blocks = Literal["braces", "end", "indentation", ""]
"""What encloses the statements of a block. "" stands for keywords of other kinds, tags, or nothing."""
Role = Literal["code", "data", "prose"]
Modules = Literal["python", "ecma", "go", "rust", "java", "linker", ""]
"""How code names the files that it uses: as `retrieval/calls/modules.py` follows it. "linker" stands for
names that
are the same in all files, as in C; "" if only names in the same file are followed."""
Trace = Literal["python", "jvm", "ecma", "go", "rust", "ruby", ""]
"""A form of stack traces that `retrieval/localization/frames.py` reads. "" if it reads none of a language."""

UNKNOWN = "text"
"""The language of files in unknown languages. Most of these have the comments of C."""
_FOLDER = Path(__file__).parent
NAMES = frozenset(file.stem for file in _FOLDER.glob("*.toml"))
_NEVER_LIKE: dict[str, Any] = dict.fromkeys(
    ("extensions", "filenames", "interpreters", "aliases", "mentioned", "expressions"), ()
)
"""Fields that a profile does not take over from the profile that it is `like`."""

Words = tuple[str, ...]
WordSet = frozenset[str]


@dataclass(frozen=True, eq=False)  # hashed by identity
class LanguageProfile:
    """One language.

    In the file, a field that holds several words is one string, in which spaces separate the words. The key
    `like` names another language, whose fields count where the file does not have its own.

    Names and files:

    `aliases` are other names: those that people use, GitHub's, and the ids that editors give to documents.
    `mentioned` are the extensions that make a word of an issue the path of a file; extensions that also end
    other words, such as `m`, are left out. `family` groups languages whose code may continue each other, and
    for which the same rules of parsing hold. `role` says what files contain: code, data and configuration, or
    text for people.

    Syntax:

    `line_comments` are the tokens that begin a comment up to the end of the line; a token that is a word, or
    also a quote, does so only where a statement begins. `block_comments` are pairs of tokens around a
    comment. `strings` are the tokens that enclose a string; if `'` is not among them, it encloses at most one
    character. `name_ends` are signs that may end a name. `blocks` says what encloses a block, and
    `block_opener` ends the line above each block, in languages where a deeper line without it is an error.
    `closers` are the words that open or close a block beside brackets. `semicolons` says that
    statements end with semicolons, not line ends. `docstrings` says that a docstring is the first statement
    of a body. `directives` says that `#` begins a directive, such as `#if`. `function_words` are the words
    one of which begins every function; "" if functions may begin without. `keywords` are the words that no
    definition may have as its name. `expressions` are the extensions of files in which a value without quotes
    is an expression. In all other files, as in settings, it is literal text, and may be a secret.

    Conventions:

    `test_names` says that a file whose name ends with `Test` or `Spec` is a test. `minified` says that files
    are often minified. `trace` is the form of stack traces.

    Parsing:

    A language with `bodies` has a grammar. `bodies` are the types of nodes whose children are statements or
    members; the best places to cut are between these children. `package` is the grammar's module, by default
    `tree_sitter_NAME`, and `loader` its function. `queries` names the files in the folder `queries`, without
    suffix, whose texts together are the query; by default, this is the file with the language's name.
    `wrappers` are the types of nodes (`export`, decorators) that contain one definition and belong to it.
    `attached` are the types of nodes that belong to the definition directly below them. The last line of an
    attached node begins with one of `leads` or ends with one of `trails`; testing a line is faster than
    reading the tree. `attribute_leads` and `attribute_trails` are those of nodes that are not comments.
    `merges` says that adjacent definitions with the same name are clauses of one function. `functions` are
    the types of functions that cannot contain definitions; if such a function has syntax errors, its body is
    not searched for definitions. `separators` are written between the parts of a qualified name, `name_marks`
    are signs in a name that are no part of it, and `method_mark` occurs only in the names of methods.
    `assigned` are the kinds of declarations that are assignments, where each later assignment of the same
    name looks like another declaration. `kinds` are pairs: the type of a node that is cut like a function or
    class, and what it is instead. `headings` says that files are split at headings. `scripts` is the default
    language of the scripts in a page.

    Calls:

    `receivers` are the words for the object or class whose method runs, and `parents` those for its base
    class. `constructors` are the methods that run where an object is made; one with the name of its class
    does in every language. `members_in_scope` says that a method calls others of its class without a
    receiver. `modules` is how imports name files.
    """

    name: str
    extensions: Words = ()
    filenames: Words = ()
    interpreters: Words = ()
    aliases: Words = ()
    mentioned: Words = ()
    family: str = ""
    role: Role = "code"

    line_comments: Words = ()
    block_comments: Words = ()
    strings: Words = ('"', "'")
    name_ends: str = ""
    blocks: Blocks = ""
    block_opener: str = ""
    closers: WordSet = frozenset()
    semicolons: bool = False
    docstrings: bool = False
    directives: bool = False
    function_words: Words = ()
    keywords: WordSet = frozenset()
    expressions: Words = ()

    test_names: bool = False
    minified: bool = False
    trace: Trace = ""

    bodies: WordSet = frozenset()
    package: str = ""
    loader: str = "language"
    queries: Words = ()
    wrappers: WordSet = frozenset()
    attached: WordSet = frozenset({"comment"})
    attribute_leads: Words = ()
    attribute_trails: Words = ()
    merges: bool = False
    functions: WordSet = frozenset()
    separators: Words = ()
    name_marks: str = ""
    method_mark: str = ""
    assigned: WordSet = frozenset()
    kinds: Words = ()
    headings: bool = False
    scripts: str = ""

    receivers: Words = ()
    parents: Words = ()
    constructors: Words = ()
    members_in_scope: bool = False
    modules: Modules = ""

    @property
    def textual(self) -> bool:
        """Whether the language has no grammar."""
        return not self.bodies

    @cached_property
    def comment_pairs(self) -> tuple[tuple[str, str], ...]:
        """The tokens around each kind of block comment."""
        return tuple(zip(self.block_comments[::2], self.block_comments[1::2], strict=True))

    @cached_property
    def comment_starts(self) -> tuple[str, ...]:
        """The tokens that begin a comment wherever they stand in code, those of line comments first."""
        signs = (one for one in self.line_comments if not one.isalpha() and one not in self.strings)
        return (*signs, *(opening for opening, _ in self.comment_pairs))

    @cached_property
    def remark(self) -> bytes:
        """The token of the usual comments of one line. Returns b"" if the language has no comments."""
        return next(iter(self.comment_starts), "").encode()

    @cached_property
    def comment_leads(self) -> tuple[str, ...]:
        """What a line in a comment begins with: a token, the `*` of a C comment, or the closing token."""
        stars = ("*",) if "/*" in self.block_comments else ()
        return (*self.comment_starts, *stars, *(closing for _, closing in self.comment_pairs))

    @cached_property
    def leads(self) -> tuple[bytes, ...]:
        return tuple(lead.encode() for lead in (*self.comment_leads, *self.attribute_leads))

    @cached_property
    def trails(self) -> tuple[bytes, ...]:
        return tuple(trail.encode() for trail in (*self.block_comments[1::2], *self.attribute_trails))


def of(name: str) -> LanguageProfile:
    """The profile of the language with this name. Returns that of UNKNOWN for a name without a profile."""
    return _read(name if name in NAMES else UNKNOWN)


@cache
def _read(name: str) -> LanguageProfile:
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        table = tomllib.load(file)
    like = table.pop("like", "")
    own = {key: _typed(key, value) for key, value in table.items()}
    return replace(of(like), name=name, **{**_NEVER_LIKE, **own}) if like else LanguageProfile(name, **own)


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(LanguageProfile)}


def _typed(key: str, value: Any) -> Any:
    """A value of a profile's file as its field has it. Raises KeyError if there is no such field."""
    kind = type(_DEFAULTS[key])
    return kind(value.split() if kind in (tuple, frozenset) and isinstance(value, str) else value)


@cache
def every() -> tuple[LanguageProfile, ...]:
    """The profiles of all languages, sorted by name."""
    return tuple(map(of, sorted(NAMES)))


def words(field: str, **conditions: object) -> frozenset[str]:
    """The words of a field of all profiles in which the fields in `conditions` have these values."""
    return frozenset(
        word
        for one in every()
        if all(getattr(one, name) == value for name, value in conditions.items())
        for word in getattr(one, field)
    )


def family(name: str) -> tuple[str, ...]:
    """The names of the languages whose code may continue code in this language, itself included."""
    group = of(name).family
    return tuple(one.name for one in every() if one.family == group) if group else (name,)
