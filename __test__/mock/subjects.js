'use strict'

// Whose mocks are compared: undici 6 with handlers of the first generation, undici 8 with those of the second, and
// this package with either. What they see is written down in the same words.

const load = (name) => {
  try {
    return require(name)
  } catch {
    // undici 8 needs a newer Node than we do.
    return null
  }
}

const dodici = { name: 'dodici', library: require('../..') }
const references = [
  { name: 'undici6', library: load('undici6'), generation: 1 },
  { name: 'undici8', library: load('undici8'), generation: 2 }
].filter(({ library }) => library !== null)

const fieldsOf = (raw) => raw.map(String).join(' ')

/** What of an error is the contract. */
function told (error) {
  return error instanceof Error ? `${error.name} ${error.code} ${error.message}` : `thrown ${String(error)}`
}

// A handler that writes down what it hears; `callbacks` are run with its controller where they are named.
const makers = {
  1: (log, { started, head, body = false }) => {
    const controller = {}
    return {
      onConnect (abort) {
        controller.abort = abort
        log('start')
        started?.(controller)
      },
      onHeaders (status, raw, resume, text) {
        log('head', status, text, fieldsOf(raw))
        head?.(controller)
        return true
      },
      onData (chunk) { log('data', chunk.toString('latin1')) },
      onComplete (raw) { log('end', fieldsOf(raw)) },
      onError (error) { log('error', told(error)) },
      ...body && {
        onBodySent (chunk) { log('sent', chunk.toString()) },
        onRequestSent () { log('all sent') }
      }
    }
  },
  2: (log, { started, head, body = false }) => ({
    onRequestStart (controller) {
      log('start')
      started?.(controller)
    },
    onResponseStart (controller, status, headers, text) {
      log('head', status, text, fieldsOf(controller.rawHeaders))
      head?.(controller)
    },
    onResponseData (controller, chunk) { log('data', chunk.toString('latin1')) },
    onResponseEnd (controller) { log('end', fieldsOf(controller.rawTrailers)) },
    onResponseError (controller, error) { log('error', told(error)) },
    ...body && {
      onBodySent (chunk) { log('sent', chunk.toString()) },
      onRequestSent () { log('all sent') }
    }
  })
}

/** Plays a scenario. Returns what was seen, a line each. */
async function play (scenario, { library, generation }) {
  const lines = []
  const log = (...facts) => {
    lines.push(facts.map((fact) => typeof fact === 'string' ? fact : fact instanceof Error ? told(fact) : JSON.stringify(fact) ?? String(fact)).join(' '))
  }
  const attempt = (call) => {
    try {
      return call()
    } catch (error) {
      log('thrown', error)
    }
  }
  const kit = {
    ...library,
    log,
    attempt,
    handler: (callbacks = {}) => makers[generation](log, callbacks),
    /** Makes a request and writes down its response, or why there is none. */
    async ask (dispatcher, options) {
      try {
        const { statusCode, headers, trailers, body } = await dispatcher.request({ origin: 'http://a.test', path: '/', method: 'GET', ...options })
        log('response', statusCode, headers, await body.text(), trailers)
      } catch (error) {
        log('failed', error)
      }
    }
  }
  await scenario(kit)
  return lines
}

module.exports = { dodici, references, play }
