(function_declaration name: (_) @name (function_body)) @definition.function
(function_declaration (user_type) @receiver . name: (_) @name (function_body)) @definition.function
((secondary_constructor) @definition.function (#set! name "constructor"))
((anonymous_initializer) @definition.function (#set! name "init"))
(property_declaration (variable_declaration . (identifier) @name) [(getter (function_body)) (setter (function_body))]) @definition.function

; A property that is an anonymous object.
(property_declaration (variable_declaration . (identifier) @name) (object_literal)) @definition.class

[(class_declaration name: (_) @name) (object_declaration name: (_) @name)] @definition.class
(companion_object name: (_) @name) @definition.class
((companion_object !name) @definition.class (#set! name "Companion"))

; Anonymous objects. The functions inside a small anonymous object get no pieces of their own.
(object_literal) @scope
(enum_entry (class_body) @scope)
