(class_heritage (_) @base)
(field_definition property: (_) @field value: (_) @value)
