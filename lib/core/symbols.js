'use strict'

// The symbols of undici under which our dispatchers have something, by undici's names; each copy of undici has its own.
// What they give is public under a name of its own as well. The insides of undici, which most of its symbols name,
// are not here.

/** Of a Client, and of a pool of one origin: a URL. */
const kUrl = Symbol('url')

/** The figures of `stats`. */
const figures = {
  kConnected: Symbol('connected'),
  kFree: Symbol('free'),
  kPending: Symbol('pending'),
  kQueued: Symbol('queued'),
  kRunning: Symbol('running'),
  kSize: Symbol('size')
}

/** Whether it has too much for another request, and whether it has said so and not 'drain' since. */
const kBusy = Symbol('busy')
const kNeedDrain = Symbol('need drain')

/** What `closed` and `destroyed` say. */
const kClosed = Symbol('closed')
const kDestroyed = Symbol.for('nodejs.stream.destroyed')

/** What a class that extends undici's DispatcherBase has instead of `onDispatch`, `onClose` and `onDestroy`. */
const kDispatch = Symbol('dispatch')
const kClose = Symbol('close')
const kDestroy = Symbol('destroy')

const names = ['connected', 'free', 'pending', 'queued', 'running', 'size']

/** Has a class with `stats` show those figures that its stats have. */
function showFigures (Class) {
  Object.values(figures).forEach((symbol, index) => {
    Object.defineProperty(Class.prototype, symbol, { get () { return this.stats[names[index]] }, configurable: true })
  })
}

module.exports = { ...figures, kUrl, kBusy, kNeedDrain, kClosed, kDestroyed, kDispatch, kClose, kDestroy, showFigures }
