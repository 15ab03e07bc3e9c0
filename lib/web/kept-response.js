'use strict'

// A response that a Cache keeps: its octets and what else is to be seen of it, so that it can be given out any number of
// times. A clone of Node's Response would be one more branch of one stream each time, and all of them would stay.

const { builtin } = require('./builtins')

/** Headers that nobody changes, as those of a response from the network. */
function immutable (headers) {
  for (const name of ['append', 'delete', 'set']) {
    Object.defineProperty(headers, name, {
      value () {
        throw new TypeError('immutable')
      }
    })
  }
}

// Node's class, with what only a response from the network has there. Made when it is needed, because Node loads all of
// its fetch for it.
let Given = null

function given () {
  if (Given !== null) {
    return Given
  }
  const Response = builtin('Response')
  Given = class extends Response {
    #facts

    constructor (octets, head, facts) {
      super(octets, head)
      this.#facts = facts
      immutable(this.headers)
    }

    get url () {
      return this.#facts.url
    }

    get type () {
      return this.#facts.type
    }

    get redirected () {
      return this.#facts.redirected
    }

    clone () {
      const { body, status, statusText, headers } = super.clone()
      return new Given(body, { status, statusText, headers }, this.#facts)
    }
  }
  // Whoever looks finds Node's.
  Object.defineProperty(Given.prototype, 'constructor', { value: Response })
  return Given
}

class KeptResponse {
  #octets
  #head
  #facts

  constructor (octets, { status, statusText, headers, url, type, redirected }) {
    this.#octets = octets
    this.#head = { status, statusText, headers: new (builtin('Headers'))(headers) }
    this.#facts = { url, type, redirected }
  }

  /**
   * Takes all that a response has.
   *
   * @param {Response} response is read to its end
   * @returns {Promise<KeptResponse>}
   */
  static async of (response) {
    const octets = response.body === null ? null : new Uint8Array(await response.arrayBuffer())
    return new KeptResponse(octets, response)
  }

  /** The value of its `vary` field; null where there is none. */
  get vary () {
    return this.#head.headers.get('vary')
  }

  /** @returns {Response} of its reader's own */
  toResponse () {
    if (this.#facts.type === 'error') {
      return builtin('Response').error()
    }
    return new (given())(this.#octets, this.#head, this.#facts)
  }
}

module.exports = { KeptResponse, immutable }
