(function_definition name: (_) @name) @definition.function
(val_definition pattern: (identifier) @name value: (lambda_expression)) @definition.function

; A value that is an anonymous class. Instances of type classes usually have this form.
(val_definition pattern: (identifier) @name value: (instance_expression (template_body))) @definition.class

[
  (class_definition name: (_) @name)
  (object_definition name: (_) @name)
  (trait_definition name: (_) @name)
  (enum_definition name: (_) @name)
  (given_definition name: (_) @name)
  (package_object name: (_) @name)
] @definition.class

; Anonymous classes. The methods inside a small anonymous class get no pieces of their own.
(instance_expression (template_body) @scope)
