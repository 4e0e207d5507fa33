(function_declaration name: (_) @name) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition) .)) @definition.function
(field name: (_) @name value: (function_definition)) @definition.function

; Tables. The name of a table qualifies the functions in the table.
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (table_constructor) .)) @owner

; Anonymous functions and tables. The definitions inside a small one get no pieces of their own.
(function_definition) @scope
(arguments (table_constructor) @scope)
