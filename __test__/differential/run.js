'use strict'

// Runs one scenario of the table against one subject and returns what was seen. A subject is a package and the way it
// is used: with handlers of the first or of the second generation, or through the methods above dispatch (`api`).
// The vocabulary of a trace is the same for both generations, so that they can be compared with each other too.

const net = require('node:net')
const { once } = require('node:events')
const diagnosticsChannel = require('node:diagnostics_channel')
const { ScriptedServer, Marks } = require('./server.js')
const { Trace, text, show, error, fields } = require('./trace.js')

const WATCHDOG = 10_000

const CHANNELS = [
  'client:beforeConnect', 'client:connected', 'client:connectError', 'client:sendHeaders',
  'request:create', 'request:bodySent', 'request:bodyChunkSent', 'request:bodyChunkReceived',
  'request:headers', 'request:trailers', 'request:error'
]

/** What a scenario's `on` functions get: one control over the exchange, whatever the generation of the handler. */
class Control {
  started = 0
  paused = false
  abort = null
  resumeWith = null
  controller = null

  pause () {
    this.paused = true
    this.controller?.pause()
  }

  resume () {
    this.paused = false
    if (this.controller) this.controller.resume()
    else this.resumeWith()
  }
}

/** A handler of the first generation that tells `tell(event, ...)` what it hears. */
function firstGeneration (control, tell) {
  const proceed = () => !control.paused
  return {
    onConnect (abort) {
      control.abort = abort
      tell('start')
    },
    onResponseStarted () { tell('response-started') },
    onHeaders (statusCode, headers, resume, statusText) {
      control.resumeWith = resume
      tell('head', { statusCode, headers, statusText })
      return proceed()
    },
    onData (chunk) {
      tell('data', chunk)
      return proceed()
    },
    onComplete (trailers) { tell('end', trailers) },
    onError (err) { tell('error', err) },
    onUpgrade (statusCode, headers, socket) { tell('upgrade', { statusCode, headers, socket }) },
    onBodySent (chunk) { tell('body-sent', chunk) },
    onRequestSent () { tell('request-sent') }
  }
}

/** The same of the second generation; what only it is told (parsed headers) goes to `parsed`. */
function secondGeneration (control, tell, parsed) {
  return {
    onRequestStart (controller) {
      control.controller = controller
      control.abort = (reason) => controller.abort(reason)
      tell('start')
    },
    onResponseStarted () { tell('response-started') },
    onResponseStart (controller, statusCode, headers, statusText) {
      parsed('head', headers)
      tell('head', { statusCode, headers: controller.rawHeaders, statusText })
    },
    onResponseData (controller, chunk) { tell('data', chunk) },
    onResponseEnd (controller, trailers) {
      parsed('end', trailers)
      tell('end', controller.rawTrailers)
    },
    onResponseError (controller, err) { tell('error', err) },
    onRequestUpgrade (controller, statusCode, headers, socket) {
      parsed('upgrade', headers)
      tell('upgrade', { statusCode, headers: controller.rawHeaders, socket })
    },
    onBodySent (chunk) { tell('body-sent', chunk) },
    onRequestSent () { tell('request-sent') }
  }
}

/** What the client's side of a scenario works with. */
class Stage {
  #owesDrain = false
  #isClient = true
  #inside = null
  #refused = false
  #marks
  #trace

  constructor ({ library, generation, server, marks, trace }) {
    this.library = library
    this.generation = generation
    this.server = server
    this.origin = `http://127.0.0.1:${server.port}`
    this.#marks = marks
    this.#trace = trace
    this.returns = {}
    this.parsed = []
  }

  /** Makes the dispatcher: a Client, unless `make` makes another from the library and the origin. */
  open (options, make) {
    const client = make === undefined
      ? new this.library.Client(this.origin, options)
      : make(this.library, this.origin, options)
    this.client = client
    this.#isClient = make === undefined
    const named = (name, withError) => {
      client.on(name, (origin, targets, err) => {
        if (name === 'drain') this.#owesDrain = false
        const facts = [origin instanceof URL ? origin.origin : show(origin)]
        if (!Array.isArray(targets) || targets[0] !== client) facts.push(`targets ${typeof targets}`)
        else if (targets.length > 1) facts.push(`of ${targets.length} targets`)
        if (withError) facts.push(error(err))
        this.#trace.add('client', name, facts.join(' '))
      })
    }
    named('connect', false)
    named('disconnect', true)
    named('connectionError', true)
    named('drain', false)
  }

  /** Dispatches on lane `lane`. `on` has functions `(control, details)` that run inside the callback of that name. */
  dispatch (lane, options, on = {}) {
    const control = new Control()
    const tell = (event, details) => {
      this.#tell(lane, event, details)
      on[event]?.(control, details)
    }
    const parsed = (event, headers) => this.parsed.push(`${lane} ${event} ${show(headers)}`)
    const handler = this.generation === 1
      ? firstGeneration(control, tell)
      : secondGeneration(control, tell, parsed)
    this.returns[lane] = 'threw'
    this.#inside = lane
    this.#refused = false
    const proceed = this.client.dispatch(options, handler)
    this.#inside = null
    this.returns[lane] = proceed
    // A request that was refused at the door makes nobody busy.
    if (proceed === false && !this.#refused) this.#owesDrain = true
    return control
  }

  #tell (lane, event, details) {
    if (event === 'error' && this.#inside === lane) this.#refused = true
    switch (event) {
      case 'data':
        return this.#trace.data(lane, details)
      case 'head':
        return this.#trace.add(lane, event, `${details.statusCode} ${JSON.stringify(details.statusText)} ${fields(details.headers)}`)
      case 'upgrade':
        return this.#trace.add(lane, event, `${details.statusCode} ${fields(details.headers)}`)
      case 'end':
        return this.#trace.add(lane, event, fields(details))
      case 'error':
        return this.#trace.add(lane, event, error(details))
      case 'body-sent':
        return this.#trace.add(lane, event, `${details?.constructor?.name} ${JSON.stringify(text(details))}`)
      default:
        return this.#trace.add(lane, event)
    }
  }

  /** Calls a promise method of the client, records the outcome, and returns the value (or null). */
  async call (lane, method, ...args) {
    try {
      const value = await this.use(method, ...args)
      this.#trace.add(lane, 'resolved', this.#describe(value))
      return value
    } catch (err) {
      this.#trace.add(lane, 'rejected', error(err))
      return null
    }
  }

  /** Calls a method above dispatch without waiting for anything. */
  use (method, ...args) {
    this.#owesDrain = this.#isClient && (this.client.pipelining ?? 1) <= 1
    return this.client[method](...args)
  }

  /** Records the outcome of a promise, or of a function that returns one. */
  async outcome (lane, event, promise, describe = show) {
    try {
      const value = await (typeof promise === 'function' ? promise() : promise)
      this.#trace.add(lane, event, describe(value))
      return value
    } catch (err) {
      this.#trace.add(lane, `${event} rejected`, error(err))
    }
  }

  #describe (value) {
    if (value === null || typeof value !== 'object') return show(value)
    // Only undici 8 gives a statusText (the row about what a response has looks at it), and no undici has a context
    // for HTTP/1.1: it is null, undefined or not there.
    return Object.keys(value).filter((key) => key !== 'statusText' && !(key === 'context' && value.context == null)).sort().map((key) => {
      const one = value[key]
      return one !== null && typeof one === 'object' && typeof one.on === 'function' ? key : `${key}=${show(one)}`
    }).join(' ')
  }

  describe (value) {
    return this.#describe(value)
  }

  /** Records what a Readable (or Duplex) emits. */
  watch (lane, stream) {
    stream.on('data', (chunk) => {
      if (typeof chunk === 'string') this.note(lane, 'string', JSON.stringify(chunk))
      else this.#trace.data(lane, chunk)
    })
    stream.on('end', () => this.note(lane, 'end'))
    stream.on('error', (err) => this.note(lane, 'error', error(err)))
    stream.on('close', () => this.note(lane, 'close'))
  }

  note (lane, event, details) {
    this.#trace.add(lane, event, details)
  }

  /** Resolves when lane has seen the event. */
  seen (lane, event, count) {
    return this.#trace.seen(lane, event, count)
  }

  received (lane, octets) {
    return this.#trace.received(lane, octets)
  }

  /** Resolves when the exchange of a lane is over, in whatever way. */
  over (...lanes) {
    return Promise.all(lanes.map((lane) => this.#trace.seen(lane, ['end', 'error', 'upgrade'])))
  }

  /** What was asked of the library before this call has been taken up: it answers a request to another server. */
  async passed () {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = new this.library.Client(`http://127.0.0.1:${server.address().port}`)
    const { body } = await client.request({ path: '/', method: 'GET' })
    await body.dump()
    await client.destroy()
    server.close()
  }

  mark (name) {
    this.#marks.set(name)
  }

  wait (name) {
    return this.#marks.wait(name)
  }

  /**
   * Nothing of what the scenario caused is still on its way, as far as the client tells: `events` of the client were
   * seen, and a drain that is owed. An empty list waits for nothing.
   */
  async settled (events) {
    if (events?.length === 0) return
    for (const event of events ?? []) await this.#trace.seen('client', event)
    if (this.#owesDrain && !this.client.closed && !this.client.destroyed) {
      const before = this.#trace.lines().filter((line) => line.startsWith('client drain')).length
      await this.#trace.seen('client', 'drain', before + 1)
    }
  }
}

/** A scenario that says only what is dispatched: every lane at once, and then until all are over. */
async function dispatchAll (stage, scenario) {
  const dispatched = typeof scenario.dispatch === 'function' ? scenario.dispatch(stage) : scenario.dispatch
  const list = Array.isArray(dispatched) ? dispatched : [dispatched]
  const lanes = list.map((_, index) => String.fromCharCode(97 + index))
  list.forEach((options, index) => {
    const on = Array.isArray(scenario.on) ? scenario.on[index] : index === 0 ? scenario.on : undefined
    stage.dispatch(lanes[index], options, bind(on, stage))
  })
  await stage.over(...lanes)
}

function bind (on, stage) {
  if (on === undefined) return undefined
  const bound = {}
  for (const [event, call] of Object.entries(on)) bound[event] = (control, details) => call(control, stage, details)
  return bound
}

function subscribe (trace, listed) {
  const undo = []
  for (const name of listed === true ? CHANNELS : listed) {
    const channel = `undici:${name}`
    const listener = (message) => trace.add('channel', name, describeMessage(message))
    diagnosticsChannel.subscribe(channel, listener)
    undo.push(() => diagnosticsChannel.unsubscribe(channel, listener))
  }
  return () => undo.forEach((one) => one())
}

function describeMessage (message) {
  return Object.keys(message).sort().map((key) => {
    switch (key) {
      case 'error': return `error=(${error(message.error)})`
      case 'headers': return `headers=${JSON.stringify(message.headers)}`
      case 'trailers': return `trailers=${fields(message.trailers)}`
      case 'response': return `response=(${message.response.statusCode} ${JSON.stringify(message.response.statusText)} ${fields(message.response.headers)})`
      case 'request': return `request=(${message.request.method} ${message.request.path} completed=${message.request.completed} aborted=${message.request.aborted})`
      case 'connectParams': return `connectParams=${show(message.connectParams)}`
      case 'chunk': return `chunk=${JSON.stringify(text(message.chunk))}`
      default: return `${key}:${typeof message[key]}`
    }
  }).join(' ')
}

/** Resolves with the trace of the scenario; rejects when it does not come to its end. */
async function run (scenario, subject) {
  const marks = new Marks()
  const server = new ScriptedServer(scenario.server ?? [[]], marks)
  await server.listen()
  const replace = (line) => {
    const general = line
      .replaceAll(`:${server.port}`, ':<port>')
      .replaceAll(`'${server.port}'`, "'<port>'")
      .replace(/-{4}formdata-[a-z]+-[0-9a-f]+/g, '----formdata-<boundary>')
    return scenario.replace ? scenario.replace(general) : general
  }
  const trace = new Trace(replace)
  const stage = new Stage({ library: subject.library, generation: subject.generation, server, marks, trace })
  const warnings = []
  const onWarning = (warning) => {
    if (String(warning.code).startsWith('UND')) warnings.push(`${warning.name} ${warning.code} ${warning.message}`)
  }
  process.on('warning', onWarning)
  const unsubscribe = scenario.channels ? subscribe(trace, scenario.channels) : () => {}

  const play = async () => {
    stage.open(scenario.client, scenario.open)
    if (scenario.run) await scenario.run(stage)
    else await dispatchAll(stage, scenario)
    await stage.settled(scenario.settle)
    const end = { closed: stage.client.closed, destroyed: stage.client.destroyed }
    trace.add('--', 'teardown')
    await stage.client.destroy()
    await server.quiet()
    return end
  }

  let timer
  const watchdog = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      const lines = trace.finish().concat(server.connections.map((one) => `wire ${JSON.stringify(text(one.received))}`))
      reject(new Error(`the scenario "${scenario.name}" did not come to its end with ${subject.name}; seen so far:\n  ${lines.join('\n  ')}`))
    }, WATCHDOG)
  })
  try {
    const end = await Promise.race([play(), watchdog])
    return {
      events: trace.finish(),
      wire: server.connections.map((one) => replace(text(one.received))),
      returns: stage.returns,
      parsed: stage.parsed.map(replace),
      warnings,
      end
    }
  } finally {
    clearTimeout(timer)
    unsubscribe()
    process.off('warning', onWarning)
    stage.client?.destroy(() => {})
    await server.close()
  }
}

module.exports = { run }
