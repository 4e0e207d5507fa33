(class_specifier name: (_) @name body: (_)) @definition.class

; Names that out-of-line definitions may leave out.
(namespace_definition name: (_) @namespace)
