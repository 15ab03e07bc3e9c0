'use strict'

// The path of undici's lib/mock/snapshot-agent: the class itself.

require('../../api/install')

module.exports = require('../../mock/snapshot-agent').SnapshotAgent
