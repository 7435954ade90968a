const answer = await fetch('/api/orders/1')
document.querySelector('#orders').textContent = answer.ok ? JSON.stringify(await answer.json()) : 'No orders yet'
