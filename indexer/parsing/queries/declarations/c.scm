[
  (preproc_if) (preproc_ifdef) (preproc_else) (preproc_elif) (preproc_elifdef)
] @inside
(linkage_specification body: (declaration_list) @inside)

(declaration declarator: (_) @declarator) @variable
(type_definition declarator: (_) @declarator) @type

(struct_specifier body: (_) @inside)
(union_specifier body: (_) @inside)
(enum_specifier body: (_) @inside)
(declaration type: (_ body: [(field_declaration_list) (enumerator_list)] @inside))
(type_definition type: (_ body: [(field_declaration_list) (enumerator_list)] @inside))
(field_declaration type: (_ body: [(field_declaration_list) (enumerator_list)] @inside))
(field_declaration declarator: (_) @declarator) @field
(enumerator name: (_) @name) @enumerator
