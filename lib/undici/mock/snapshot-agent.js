'use strict'

// The path of undici's lib/mock/snapshot-agent: the class itself.

module.exports = require('../../mock/snapshot-agent').SnapshotAgent
