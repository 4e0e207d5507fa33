<#
.SYNOPSIS
  Shapes, and how large they are.
#>
using namespace System.Collections

# The limit.
$script:Limit = 10

# The area of a circle, or
# of two.
function Get-Area {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][double]$Radius,
        [switch]$Twice
    )
    begin { $pi = 3.14159 }
    process {
        $area = $pi * $Radius * $Radius
        if ($Twice) { return 2 * $area }
        return $area
    }
    end { Write-Verbose "radius $Radius" }
}

filter Select-Even { if ($_ % 2 -eq 0) { $_ } }

function script:Format-Shape($Shape, $Other) {
    $text = 'name: ' + $Shape.Name
    @"
$text of
$Other
"@
}

enum Color {
    Red = 1
    Green
}

<#
  A shape.
#>
class Shape : Base {
    [string]$Name
    static [int]$Count = 0

    Shape([string]$name) {
        $this.Name = $name
        [Shape]::Count++
    }

    # How large it is.
    [double] Area() {
        return 0
    }

    hidden static [Shape] Make() { return [Shape]::new("it's") }
}

$sorted = $shapes | Sort-Object { $_.Area() } | Where-Object {
    function Test-Inner { $true }
    Test-Inner
}

workflow Start-All {
    parallel { Get-Area 1; Get-Area 2 }
}

Describe 'Get-Area' {
    It 'is positive' {
        Get-Area -Radius 2 | Should -BeGreaterThan 0
    }
}
