(function_declaration name: (_) @name) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition) .)) @definition.function
(field name: (_) @name value: (function_definition)) @definition.function

; Tables lend their name to the functions in them.
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (table_constructor) .)) @owner

; Small ones of these keep the definitions in them.
(function_definition) @scope
(arguments (table_constructor) @scope)
