exports.render = (rows) => rows.map((row) => `<p>${row.text}</p>`).join('\n')
