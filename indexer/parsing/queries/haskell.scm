[(function name: (_) @name) (bind name: (_) @name)] @definition.function
(function (infix operator: (_) @name)) @definition.function

; Type signatures. A signature is added to the function that follows.
(signature name: (_) @name) @signature

[
  (data_type name: (_) @name)
  (newtype name: (_) @name)
  (type_synonym name: (_) @name)
  (class name: (_) @name)
] @definition.class
(instance name: (_) @receiver patterns: (_) @name) @definition.class
