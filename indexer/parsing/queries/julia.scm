(function_definition (signature) @name) @definition.function
(macro_definition (signature) @name) @definition.function
(assignment . (call_expression) @name) @definition.function
(assignment . (where_expression (call_expression) @name)) @definition.function
[(struct_definition (type_head) @name) (abstract_definition (type_head) @name)] @definition.class
