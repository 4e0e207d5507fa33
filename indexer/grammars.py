"""The table of languages with a grammar, and what the splitter must know about each one's syntax tree."""

from __future__ import annotations

from dataclasses import dataclass

_SLASHES = ("//", "/*", "*")
_C_BODIES = "translation_unit compound_statement field_declaration_list declaration_list enumerator_list"
_C_WRAPPERS = "declaration type_definition linkage_specification"
_ECMA_BODIES = "program statement_block class_body switch_body object interface_body enum_body"
_ECMA_WRAPPERS = "export_statement lexical_declaration variable_declaration expression_statement"


@dataclass(frozen=True, slots=True)
class Language:
    """One language; fields that hold several words are written as one string, separated by spaces.

    `queries` are the files under `queries/`, without suffix, that make up its query (by default its name).
    `bodies` are node types whose children are statements or members: the best places to cut. `wrappers` are
    node types that belong to the one definition inside them (`export`, decorators, `template<>`). `attached`
    are node types that belong to the definition they stand directly above; `leads` and `trails` are how the
    last line of such a node may begin or end, a cheap test before the tree is asked. `remark` starts a
    comment that runs to the end of its line. `merges` says that adjacent definitions with one name are one
    function (clauses, equations). `textual` languages have no grammar, only headings to cut at.
    """

    name: str
    extensions: str
    bodies: str
    package: str = ""
    loader: str = "language"
    filenames: str = ""
    interpreters: str = ""
    queries: str = ""
    wrappers: str = ""
    attached: str = "comment"
    leads: tuple[str, ...] = _SLASHES
    trails: tuple[str, ...] = ("*/",)
    remark: str = "//"
    merges: bool = False
    textual: bool = False


LANGUAGES: tuple[Language, ...] = (
    Language("markdown", "md markdown mdx mkd", "", textual=True),
    Language(
        "python",
        "py pyi pyw",
        "module block",
        filenames="SConstruct SConscript wscript",
        interpreters="python python2 python3 pypy pypy3",
        wrappers="decorated_definition",
        leads=("#",),
        trails=(),
        remark="#",
    ),
    Language(
        "javascript",
        "js mjs cjs jsx es6",
        _ECMA_BODIES,
        filenames="Jakefile",
        interpreters="node nodejs bun",
        queries="ecma javascript",
        wrappers=_ECMA_WRAPPERS,
    ),
    Language(
        "typescript",
        "ts mts cts",
        _ECMA_BODIES,
        interpreters="deno ts-node tsx",
        queries="ecma typescript",
        loader="language_typescript",
        wrappers=f"{_ECMA_WRAPPERS} ambient_declaration",
    ),
    Language(
        "tsx",
        "tsx",
        _ECMA_BODIES,
        package="tree_sitter_typescript",
        queries="ecma typescript",
        loader="language_tsx",
        wrappers=f"{_ECMA_WRAPPERS} ambient_declaration",
    ),
    Language(
        "go",
        "go",
        "source_file statement_list expression_switch_statement type_switch_statement select_statement "
        "field_declaration_list interface_type",
        wrappers="type_declaration",
    ),
    Language(
        "rust",
        "rs",
        "source_file block declaration_list field_declaration_list enum_variant_list match_block",
        attached="line_comment block_comment attribute_item",
        leads=(*_SLASHES, "#["),
        trails=("*/", "]"),
    ),
    Language(
        "java",
        "java",
        "program block class_body constructor_body interface_body enum_body enum_body_declarations "
        "annotation_type_body switch_block switch_block_statement_group",
        attached="line_comment block_comment",
    ),
    Language("c", "c", _C_BODIES, wrappers=_C_WRAPPERS),
)
