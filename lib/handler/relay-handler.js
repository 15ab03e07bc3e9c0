'use strict'

// What a handler hands on unchanged that lets another one see a RelayController: the way to abort before the start, what
// is sent, an upgrade. The response is for those to say who extend it.

const { TwoFaced } = require('../core/generations')

class RelayHandler extends TwoFaced {
  #handler
  #controller

  /**
   * @param {object} handler of the second generation
   * @param {import('./relay-controller').RelayController} controller that it sees
   */
  constructor (handler, controller) {
    super()
    this.#handler = handler
    this.#controller = controller
  }

  onDispatched (target) {
    this.#controller.dispatched(target)
    this.#handler.onDispatched?.(this.#controller)
  }

  onBodySent (chunk) {
    this.#handler.onBodySent?.(chunk)
  }

  onBodyPieceSent (octets) {
    this.#handler.onBodyPieceSent?.(octets)
  }

  onRequestSent () {
    this.#handler.onRequestSent?.()
  }

  onResponseStarted () {
    this.#handler.onResponseStarted?.()
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, headers, socket)
  }
}

module.exports = { RelayHandler }
