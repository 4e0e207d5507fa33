(command name: (command_name) @name)
