; Functions of modules. A local function belongs to the definition around it, and is not captured.
(compilation_unit (value_definition (let_binding pattern: (_) @name (parameter)) @definition.function))
(structure (value_definition (let_binding pattern: (_) @name (parameter)) @definition.function))
(compilation_unit (value_definition (let_binding pattern: (_) @name body: [(fun_expression) (function_expression)]) @definition.function))
(structure (value_definition (let_binding pattern: (_) @name body: [(fun_expression) (function_expression)]) @definition.function))
(method_definition (method_name) @name) @definition.function

(module_binding (module_name) @name body: (structure)) @definition.class
(module_type_definition (module_type_name) @name) @definition.class
(class_binding (class_name) @name) @definition.class
(type_binding name: (_) @name body: (_)) @definition.class
