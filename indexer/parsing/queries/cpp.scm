(class_specifier name: (_) @name body: (_)) @definition.class

; Namespaces, whose names are left out of the names of out-of-line definitions.
(namespace_definition name: (_) @namespace)
