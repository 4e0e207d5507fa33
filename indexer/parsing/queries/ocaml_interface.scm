(value_specification (value_name) @name) @definition.function
(external (value_name) @name) @definition.function
(type_binding name: (_) @name) @definition.class
(module_binding (module_name) @name) @definition.class
(module_type_definition (module_type_name) @name) @definition.class
