'use strict'

// The path of undici's lib/mock/snapshot-recorder, with what of it is here.

const { SnapshotRecorder } = require('../../mock/snapshot-recorder')

module.exports = { SnapshotRecorder }
