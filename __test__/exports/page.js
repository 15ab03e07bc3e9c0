'use strict'

// docs/api/compatibility.md as data: its tables, a row for each export and for each member that is missing.

const { readFileSync } = require('node:fs')
const path = require('node:path')

const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'api', 'compatibility.md'), 'utf8')

/**
 * @param {string} title of the section that the table is in
 * @returns {string[][]} its rows without the head, each cell without the marks of code
 */
function table (title) {
  const [, section] = page.split(`\n## ${title}\n`)
  const rows = section.split('\n## ')[0].split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(1).map((line) => line.slice(2, -2).split(' | ').map((cell) => cell.replaceAll('`', '').trim()))
}

module.exports = { table }
