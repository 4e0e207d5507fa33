# The cloud, and where it is.
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

locals {
  names = [for one in var.stages : upper(one) if one != "test"]
}

/*
 * The stage that is deployed.
 */
variable "stage" {
  type    = string
  default = "dev"

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "No such stage."
  }
}

// The newest image.
data "aws_ami" "newest" {
  most_recent = true
}

# The server.
# It serves pages.
resource "aws_instance" "web" {
  ami           = data.aws_ami.newest.id
  instance_type = "t3.micro"
  count         = var.stage == "prod" ? 3 : 1

  tags = {
    Name = "web-${var.stage}"
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 10
  }

  user_data = <<-EOF
    #!/bin/sh
    echo "${var.stage}" > /etc/stage
  EOF
}

resource "aws_security_group_rule" "every" {
  for_each          = toset(local.names)
  type              = "ingress"
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  description       = "from everywhere"
  security_group_id = each.value

  timeouts {
    create = "5m"
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description]
  }

  provisioner "local-exec" {
    command = "echo ${each.key}"
    when    = create
  }

  depends_on = [
    aws_instance.web,
    module.network,
  ]
}

module "network" { source = "./network" }

output "address" {
  value = aws_instance.web[0].public_ip
}

moved {
  from = aws_instance.old
  to   = aws_instance.web
}
