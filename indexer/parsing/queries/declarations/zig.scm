(variable_declaration "const" . (identifier) @name) @constant
(variable_declaration "var" . (identifier) @name) @variable
(variable_declaration [(struct_declaration) (enum_declaration) (union_declaration)] @inside)
(function_declaration body: (block (expression_statement
  (return_expression [(struct_declaration) (union_declaration)] @inside))))
(container_field name: (_) @name) @field
