(function_declaration name: (_) @name) @definition.function
(method_declaration receiver: (_) @receiver name: (_) @name) @definition.method
(type_spec name: (_) @name) @definition.class
(type_alias name: (_) @name) @definition.class
