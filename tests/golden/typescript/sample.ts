import type { A } from './a';

/** Options of the thing. */
export interface Options<T> {
  name: string;
  run(value: T): void;
}

export type Id = string | number;

enum Color {
  Red,
  Green,
}

export const enum Small { A }

// Overloads come first.
export function parse(value: string): A;
export function parse(value: number): A;
export function parse(value: any): A {
  return value as A;
}

declare function external(x: number): void;

namespace Inner.Deep {
  export function nested(): number {
    return 1;
  }
}

@Injectable()
export abstract class Service<T extends object> implements Options<T> {
  private readonly items: T[] = [];

  /** Makes one. */
  constructor(private readonly store: Store) {}

  abstract load(): Promise<T>;

  find(id: string): T;
  find(id: number): T;
  @Log()
  find(id: any): T {
    return this.items[id];
  }

  public onClick = async <E>(event: E): Promise<void> => {
    await this.load();
  };

  get size(): number { return this.items.length; }
}

export default class extends Service<A> {
  load() {
    return null;
  }
}

export const selectItems = createSelector([a], (items) => {
  return items;
});

export function reducer(state: State, action: Action): State {
  switch (action.type) {
    case 'one': {
      const next = { ...state };
      next.a = 1;
      next.b = 2;
      next.c = 3;
      next.d = 4;
      return next;
    }
    // the second
    case 'two': {
      const next = { ...state };
      next.a = 1;
      next.b = 2;
      next.c = 3;
      next.d = 4;
      return next;
    }
    case 'three': {
      const next = { ...state };
      next.a = 1;
      next.b = 2;
      next.c = 3;
      return next;
    }
    default:
      return state;
  }
}
