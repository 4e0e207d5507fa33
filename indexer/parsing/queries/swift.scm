(function_declaration name: _ @name body: (_)) @definition.function
((init_declaration body: (_)) @definition.function (#set! name "init"))
((deinit_declaration body: (_)) @definition.function (#set! name "deinit"))
((subscript_declaration) @definition.function (#set! name "subscript"))
(property_declaration name: (pattern bound_identifier: (_) @name) computed_value: (computed_property)) @definition.function

[(class_declaration name: (_) @name) (protocol_declaration name: (_) @name)] @definition.class
