; A function consists of two sibling nodes: the signature and the body.
((function_signature name: (_) @name) @definition.function . (function_body) @tail)
((getter_signature name: (_) @name) @definition.function . (function_body) @tail)
((setter_signature name: (_) @name) @definition.function . (function_body) @tail)
((method_signature (function_signature name: (_) @name)) @definition.function . (function_body) @tail)
((method_signature (getter_signature name: (_) @name)) @definition.function . (function_body) @tail)
((method_signature (setter_signature name: (_) @name)) @definition.function . (function_body) @tail)
((method_signature (operator_signature (binary_operator) @name)) @definition.function . (function_body) @tail
  (#set! prefix "operator"))
((method_signature [(constructor_signature) (factory_constructor_signature)] @name) @definition.function
  . (function_body) @tail)

[
  (class_definition name: (_) @name)
  (extension_declaration name: (_) @name)
  (enum_declaration name: (_) @name)
  (mixin_declaration (identifier) @name)
] @definition.class
