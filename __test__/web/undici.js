'use strict'

// What undici 8 does with the same arguments. Its entry does not load on Node 20; these modules do.

const undici = {
  ...require('undici8/lib/web/cookies'),
  ...require('undici8/lib/web/fetch/data-url'),
  ...require('undici8/lib/core/util')
}

// What a call returns or throws. Messages count where they are the API's own words; those of Web IDL are undici's.
function outcome (call) {
  try {
    return { value: call() }
  } catch (error) {
    return { error: error.name, message: error.name === 'Error' ? error.message : undefined }
  }
}

module.exports = { undici, outcome }
