'use strict'

// A Client: one origin, one connection at a time.

const { EngineDispatcher } = require('./engine-dispatcher')
const { ClientStats } = require('./stats')
const { showFigures } = require('../core/symbols')

class Client extends EngineDispatcher {
  /**
   * @param {string|URL|object} url the origin; a path, query or fragment is refused
   * @param {object} [options] see docs/api/Client.md
   */
  constructor (url, options = {}) {
    super(url, options, 1)
  }

  get stats () {
    return new ClientStats(this.open > 0, this.running, this.size)
  }
}

showFigures(Client)

module.exports = { Client }
