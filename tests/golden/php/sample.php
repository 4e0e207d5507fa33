<?php

/*
 * Copyright nobody.
 */

namespace App\Shapes;

use App\Base;

const LIMIT = 10;

/**
 * A shape.
 */
#[Entity(table: 'shapes')]
abstract class Shape extends Base implements \Countable
{
    use Loggable;

    private int $sides = 0;

    public function __construct(private readonly string $name)
    {
    }

    abstract public function area(): float;

    // Counts the sides.
    public function count(): int
    {
        return $this->sides;
    }

    public static function for(string $name): static { return new static($name); }

    protected const UNIT = 'm';
}

interface Area
{
    public function area(): float;
}

trait Loggable
{
    public function log(): void {}
}

enum Color: string
{
    case Red = 'r';

    public function label(): string
    {
        return ucfirst($this->value);
    }
}

function &reference(array &$items) { return $items; }

$double = function (int $x): int {
    return $x * 2;
};

$triple = fn (int $x) => $x * 3;

Route::get('/', function () {
    function inside() { return 1; }
    return inside();
});

return new class {
    public function anonymous() { return 1; }
};

function longOne(array $items): array
{
    $result = [];
    foreach ($items as $key => $item) {
        if ($item === null) {
            continue;
        } elseif ($item === 1) {
            $result[] = 'one';
        } else {
            $result[] = $item;
        }
    }

    // sort them
    usort($result, function ($a, $b) {
        return $a <=> $b;
    });

    switch (count($result)) {
        case 0:
            $result[] = 'none';
            break;
        default:
            $result[] = 'some';
    }

    return $result;
}
