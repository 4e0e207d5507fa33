(function_statement (function_name) @name) @definition.function

(class_statement . (simple_name) @name) @definition.class
(enum_statement . (simple_name) @name) @definition.class
(class_method_definition (simple_name) @name) @definition.method

; `$handler = { ... }`: what is inside has no outer name.
(script_block_expression) @scope
