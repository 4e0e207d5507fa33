[
  (class_declaration body: (_) @inside)
  (interface_declaration body: (_) @inside)
  (trait_declaration body: (_) @inside)
  (enum_declaration body: (_) @inside)
  (namespace_definition body: (_) @inside)
  [(if_statement) (else_clause) (else_if_clause) (compound_statement) (colon_block)] @inside
]
(const_declaration (const_element . (name) @name) @constant)
((expression_statement (function_call_expression
  function: (name) @word
  arguments: (arguments . (argument (string (string_content) @name)))) @constant)
  (#set! among "define"))
(expression_statement (assignment_expression left: (variable_name) @name) @variable)
(property_declaration (property_element name: (_) @name)) @field
(method_declaration parameters: (formal_parameters (property_promotion_parameter name: (_) @name) @field))
(enum_case name: (_) @name) @enumerator
(method_declaration !body name: (_) @name) @method
