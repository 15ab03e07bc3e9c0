'use strict'

// A response on its way into a store. The store's stream is its owner's to end; what the stream tells is turned into two
// facts here: there is room again, or it is gone. A store that failed is told to forget what it may have begun.

const ignore = () => {}

/** Has a store forget the responses to a URL. That it fails at this is nobody's error. */
function forget (store, key) {
  try {
    store.delete(key)?.catch?.(ignore)
  } catch {
    // What is kept is stale at some time in any case.
  }
}

class Recording {
  #stream
  #isOpen = true

  /**
   * @param {object} store
   * @param {object} key
   * @param {object} value
   * @param {object} hears `drain()`: there is room again; `gone()`: nothing more is kept
   * @returns {Recording|null} null where the store does not want it
   */
  static begin (store, key, value, hears) {
    const stream = store.createWriteStream(key, value)
    return stream ? new Recording(store, key, stream, hears) : null
  }

  constructor (store, key, stream, { drain, gone }) {
    this.#stream = stream
    const close = () => {
      if (this.#isOpen) {
        this.#isOpen = false
        gone()
      }
    }
    stream.on('drain', drain).on('close', close).on('error', () => {
      forget(store, key)
      close()
    })
  }

  /** Keeps octets, which may not be changed any more. Returns whether there is room for others. */
  write (chunk) {
    return !this.#isOpen || this.#stream.write(chunk) !== false
  }

  end () {
    if (this.#isOpen) {
      this.#stream.end()
    }
  }

  /** It is not to be kept; with an error, neither is what the store has of it. */
  destroy (error) {
    this.#isOpen = false
    this.#stream.destroy(error)
  }
}

module.exports = { Recording, forget }
