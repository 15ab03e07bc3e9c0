'use strict'

// A Client: one origin, one connection at a time; with more it is what a Pool stands on, whose events name it.

const { EngineDispatcher } = require('./engine-dispatcher')
const { ClientStats } = require('./stats')
const { showFigures } = require('../core/symbols')

class Client extends EngineDispatcher {
  /**
   * @param {string|URL|object} url the origin; a path, query or fragment is refused
   * @param {object} [options] see docs/api/Client.md
   * @param {number} [connections] for a Pool: how many it may have
   */
  constructor (url, options = {}, connections = 1) {
    super(url, options, connections)
  }

  get stats () {
    return new ClientStats(this.open > 0, this.running, this.size)
  }
}

showFigures(Client)

module.exports = { Client }
