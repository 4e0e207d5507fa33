(class_specifier name: (_) @name body: (_)) @definition.class

; Namespaces. Their names are left out of the names of definitions outside a class.
(namespace_definition name: (_) @namespace)
