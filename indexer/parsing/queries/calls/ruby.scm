(call receiver: (_) @object method: (_) @name)
(call !receiver method: (_) @name)
(superclass (_) @base)
(assignment left: (_) @variable right: (_) @value)

; A name alone is a call if it is no variable or parameter of the method.
(identifier) @alone
[
  (assignment left: (identifier) @assigned)
  (operator_assignment left: (identifier) @assigned)
  (left_assignment_list (identifier) @assigned)
  (method_parameters (identifier) @assigned)
  (block_parameters (identifier) @assigned)
  (lambda_parameters (identifier) @assigned)
  (optional_parameter name: (identifier) @assigned)
  (keyword_parameter name: (identifier) @assigned)
  (splat_parameter name: (identifier) @assigned)
  (hash_splat_parameter name: (identifier) @assigned)
  (block_parameter name: (identifier) @assigned)
  (destructured_parameter (identifier) @assigned)
  (exception_variable (identifier) @assigned)
  (for pattern: (identifier) @assigned)
]
