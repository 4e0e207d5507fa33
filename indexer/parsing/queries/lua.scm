(function_declaration name: (_) @name) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition) .)) @definition.function
(field name: (_) @name value: (function_definition)) @definition.function

; A table's name qualifies the functions in it.
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (table_constructor) .)) @owner

; Definitions inside small ones of these get no pieces of their own.
(function_definition) @scope
(arguments (table_constructor) @scope)
