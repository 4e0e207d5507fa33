"""The table of languages, with what parsing and splitting need to know about each language."""

from __future__ import annotations

from dataclasses import dataclass

_SLASHES = ("//", "/*", "*")
_C_BODIES = "translation_unit compound_statement field_declaration_list declaration_list enumerator_list"
_C_WRAPPERS = "declaration type_definition linkage_specification"
_ECMA_BODIES = "program statement_block class_body switch_body object"
_TYPED_BODIES = f"{_ECMA_BODIES} interface_body enum_body"
_ECMA_WRAPPERS = "export_statement lexical_declaration variable_declaration expression_statement"


@dataclass(frozen=True, slots=True, eq=False)  # hashed by identity
class Language:
    """One language. A field that holds several words is one string, in which spaces separate the words.

    `queries` names the files in the folder `queries`, without suffix, whose texts together are the
    tree-sitter query of the language; by default, this is the one file with the name of the language.
    `bodies` are the types of nodes whose children are statements or members; the best places to cut are
    between these children. `wrappers` are the types of nodes (`export`, decorators, `template<>`) that
    contain one definition and belong to that definition. `attached` are the types of nodes that belong to the
    definition directly below them. The last line of an attached node begins with one of `leads` or ends with
    one of `trails`; testing a line is faster than reading the tree. `remark` begins a comment that runs to
    the end of the line. `merges` says that adjacent definitions with the same name are clauses or equations
    of one function. `semicolons` says that statements end with semicolons, not line ends. `docstrings` says
    that a docstring is the first statement of a body. `functions` are the node types of functions, in
    languages whose functions do not contain definitions. In these languages, a function body with syntax
    errors is not searched for definitions. `textual` says that the language has no grammar. `scripts` says
    that parts of a file may be in other languages.
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
    semicolons: bool = False
    docstrings: bool = False
    functions: str = ""
    textual: bool = False
    scripts: bool = False


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
        docstrings=True,
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
        _TYPED_BODIES,
        interpreters="deno ts-node tsx",
        queries="ecma typescript",
        loader="language_typescript",
        wrappers=f"{_ECMA_WRAPPERS} ambient_declaration",
        attached="comment decorator",
        leads=(*_SLASHES, "@"),
        trails=("*/", ")"),
    ),
    Language(
        "tsx",
        "tsx",
        _TYPED_BODIES,
        package="tree_sitter_typescript",
        queries="ecma typescript",
        loader="language_tsx",
        wrappers=f"{_ECMA_WRAPPERS} ambient_declaration",
        attached="comment decorator",
        leads=(*_SLASHES, "@"),
        trails=("*/", ")"),
    ),
    Language(
        "go",
        "go",
        "source_file statement_list expression_switch_statement type_switch_statement select_statement "
        "field_declaration_list interface_type",
        wrappers="type_declaration",
        functions="function_declaration method_declaration",
    ),
    Language(
        "rust",
        "rs",
        "source_file block declaration_list field_declaration_list enum_variant_list match_block",
        attached="line_comment block_comment attribute_item",
        leads=(*_SLASHES, "#["),
        trails=("*/", "]"),
        semicolons=True,
    ),
    Language(
        "java",
        "java",
        "program block class_body constructor_body interface_body enum_body enum_body_declarations "
        "annotation_type_body switch_block switch_block_statement_group",
        attached="line_comment block_comment",
        semicolons=True,
    ),
    Language(
        "c",
        "c",
        _C_BODIES,
        wrappers=_C_WRAPPERS,
        semicolons=True,
        functions="function_definition compound_statement",
    ),
    Language(
        "cpp",
        "cpp cc cxx c++ hpp hh hxx h++ ipp tpp inl ixx cppm cu cuh ino",
        f"{_C_BODIES} requirement_seq",
        queries="c cpp",
        wrappers=f"{_C_WRAPPERS} template_declaration friend_declaration",
        semicolons=True,
        functions="function_definition compound_statement",
    ),
    Language(
        "csharp",
        "cs csx",
        "compilation_unit block declaration_list switch_body switch_section enum_member_declaration_list "
        "accessor_list",
        package="tree_sitter_c_sharp",
        wrappers="global_statement",
        semicolons=True,
        trails=("*/",),
    ),
    Language(
        "ruby",
        "rb rake gemspec ru rbi podspec thor jbuilder",
        "program body_statement block_body then else",
        filenames="Rakefile Gemfile Guardfile Podfile Vagrantfile Brewfile Capfile Thorfile Fastfile",
        interpreters="ruby jruby rbx rake",
        wrappers="argument_list call",
        leads=("#", "=end"),
        trails=(),
        remark="#",
    ),
    Language(
        "php",
        "php phtml php3 php4 php5 php7 php8 inc phps",
        "program compound_statement declaration_list enum_declaration_list switch_block case_statement",
        interpreters="php",
        loader="language_php",
        semicolons=True,
        wrappers="expression_statement",
        leads=(*_SLASHES, "#"),
    ),
    Language(
        "bash",
        "sh bash zsh ksh bats ebuild eclass",
        "program compound_statement do_group if_statement case_item subshell",
        filenames=".bashrc .bash_profile .bash_aliases .profile .zshrc .zshenv .zprofile PKGBUILD",
        interpreters="sh bash zsh ksh dash ash bats",
        leads=("#",),
        trails=(),
        remark="#",
    ),
    Language(
        "kotlin",
        "kt kts",
        "source_file block class_body enum_class_body when_expression",
        interpreters="kotlin kotlinc",
        attached="line_comment block_comment",
    ),
    Language(
        "swift",
        "swift",
        "source_file statements class_body enum_class_body protocol_body switch_statement",
        interpreters="swift",
        attached="comment multiline_comment",
    ),
    Language(
        "scala",
        "scala sc sbt",
        "compilation_unit block indented_block template_body with_template_body enum_body case_block "
        "indented_cases",
        interpreters="scala",
        attached="comment block_comment",
    ),
    Language(
        "lua",
        "lua",
        "chunk block",
        interpreters="lua luajit",
        wrappers="variable_declaration",
        leads=("--",),
        trails=("]]", "]=]"),
        remark="--",
    ),
    Language(
        "elixir",
        "ex exs",
        "source do_block stab_clause body else_block rescue_block after_block catch_block",
        filenames="mix.lock",
        interpreters="elixir",
        attached="comment unary_operator",
        leads=("",),
        trails=(),
        remark="#",
        merges=True,
    ),
    Language(
        "haskell",
        "hs hs-boot",
        "declarations imports class_declarations instance_declarations local_binds do alternatives",
        interpreters="runghc runhaskell stack",
        attached="comment haddock pragma",
        leads=("--",),
        trails=("-}",),
        remark="--",
        merges=True,
    ),
    Language(
        "zig",
        "zig",
        "source_file block struct_declaration union_declaration enum_declaration switch_expression",
    ),
    Language(
        "ocaml",
        "ml",
        "compilation_unit structure sequence_expression match_expression",
        interpreters="ocaml",
        loader="language_ocaml",
        wrappers="value_definition module_definition type_definition class_definition",
        leads=("(*",),
        trails=("*)",),
        remark="(*",
    ),
    Language(
        "ocaml_interface",
        "mli",
        "compilation_unit signature",
        package="tree_sitter_ocaml",
        loader="language_ocaml_interface",
        wrappers="module_definition type_definition",
        leads=("(*",),
        trails=("*)",),
        remark="(*",
    ),
    Language(
        "dart",
        "dart",
        "program block class_body extension_body enum_body switch_block",
        interpreters="dart",
        attached="comment documentation_comment annotation",
        leads=(*_SLASHES, "@"),
        trails=("*/", ")"),
        semicolons=True,
    ),
    Language(
        "julia",
        "jl",
        "source_file function_definition module_definition struct_definition let_statement do_clause",
        interpreters="julia",
        attached="line_comment block_comment string_literal",
        leads=("#", '"'),
        trails=('"', "=#"),
        remark="#",
    ),
    Language(
        "sql",
        "sql psql pgsql ddl",
        "program function_body procedure_body block",
        wrappers="statement",
        attached="comment marginalia",
        leads=("--", "/*", "*"),
        remark="--",
    ),
    Language("css", "css", "stylesheet block"),
    Language(
        "html",
        "html htm xhtml",
        "document element script_element style_element",
        leads=("<!--",),
        trails=("-->",),
        scripts=True,
    ),
    Language("vue", "vue", "", textual=True, scripts=True),
    Language("svelte", "svelte", "", textual=True, scripts=True),
    Language("astro", "astro", "", textual=True, scripts=True),
)
