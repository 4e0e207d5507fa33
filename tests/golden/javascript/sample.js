'use strict';
// @ts-check

const path = require('path');

/**
 * Adds two numbers.
 * @param {number} a
 */
export function add(a, b) {
  return a + b;
}

export default function () {
  return add(1, 2);
}

// Arrow with a comment.
export const twice = async (x) => x * 2;

const a = () => 1, b = () => 2;

function* walk(tree) { yield* tree; }

const Button = memo(function (props) {
  return props.label;
});

const names = list.map((item) => item.name);

/** A counter. */
export class Counter extends Base {
  static #total = 0;
  handler = (event) => {
    this.count += 1;
  };

  constructor() {
    super();
  }

  /** How many. */
  get count() {
    return this.#count;
  }

  set count(value) {}

  static { Counter.ready = true; }

  [Symbol.iterator]() {
    return this;
  }
}

Foo.prototype.bar = function () {
  return 1;
};

exports.helper = function helper() {};
module.exports = function () {};

const api = {
  version: 1,
  // Fetches it.
  fetch: function (url) {
    return url;
  },
  save(item) {
    return item;
  },
  'quoted-name': () => 0,
};

app.use({
  install(app) {
    return app;
  },
});

it('keeps small callbacks whole', () => {
  const local = () => 1;
  expect(local()).toBe(1);
});

describe('a long callback', () => {
  let server;

  beforeEach(() => {
    server = start();
  });

  function makeRequest(url) {
    return server.get(url);
  }

  // first case
  it('answers', async () => {
    const response = await makeRequest('/');
    expect(response.status).toBe(200);
    expect(response.body).toBe('ok');
    expect(response.headers).toEqual({});
  });

  it('refuses', async () => {
    const response = await makeRequest('/private');
    expect(response.status).toBe(403);
    expect(response.body).toBe('');
    expect(response.headers).toEqual({});
  });

  afterEach(() => {
    server.stop();
  });
});

(function (root) {
  function hidden() {
    return root;
  }
  root.hidden = hidden;
})(this);

function unfinished(x) {
  if (x) {
    return 1;
