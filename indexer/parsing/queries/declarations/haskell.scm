(haskell declarations: (declarations) @inside)
(data_type constructors: (_) @inside)
(newtype constructor: (_) @inside)
(data_constructor constructor: (_ name: (constructor) @name)) @enumerator
(data_constructor constructor: (record fields: (fields) @inside))
(newtype_constructor name: (constructor) @name) @enumerator
(record) @inside
(field name: (field_name (variable) @name)) @field
(pattern_synonym (equation synonym: (_) @name)) @constant
