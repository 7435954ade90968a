const express = require('express')
const { Pool } = require('pg')
const { render } = require('./render')

const pool = new Pool({ connectionString: process.env.DATABASE_URL })
const app = express()

app.get('/healthz', (request, response) => response.send('ok'))

app.get('/', async (request, response) => {
  const { rows } = await pool.query("SELECT 'first note' AS text")
  response.send(render(rows))
})

app.listen(process.env.PORT || 3000)
