"""The same acts, refusals and wishes in French, Portuguese and Italian, as patterns that the tables of their subject take in."""

from __future__ import annotations

NOT_HERE = (
    r"pas (?:de|d|du|question de)|surtout pas|sans|aucun\w*|plus de|plutot que|au lieu de|sauf|jamais|ne (?:touch\w+|chang\w+|modifi\w+) (?:pas|rien)(?: (?:a|au|aux))?"
    r"|ne (?:veut|voulons|veux|utilis\w+|faut) pas|sem|nenhum\w*|em vez de|no lugar de|exceto|nao (?:quer\w+|us\w+|utiliz\w+|mex\w+|toqu\w+|precis\w+|alter\w+)"
    r"|niente|senza|nessun\w*|al posto di|invece di|tranne|non (?:vogliamo|voglio|us\w+|utilizz\w+|tocc\w+|serve|modific\w+)"
)
"""Words that rule out what is named behind them."""
WISHES = (
    r"il (?:nous |me |vous )?faut|besoin|voudr\w*|aimeri\w*|veuillez|merci de|mettre|mettez|creer|creez|installer|deployer|deployez|construi\w*"
    r"|precis\w*|crie|criar|implantar|colocar|vogliamo|vorre\w*|serve|servono|bisogna|creare|mettere|distribuire|per favore|s'il vous plait"
)
LONG_THERE = r"deja|actuellement|aujourd'hui|on utilise|nous (?:utilisons|avons)|atualmente|hoje|usamos|gia|attualmente|abbiamo|usiamo"
ROLLBACK = (
    r"\b(?:reven\w+|retour\w*|remet\w+|annul\w+) (?:[\w'.-]+ ){0,5}?(?:version|release|deploiement|mise en production)(?: [\w'.]+){0,3}"
    r"|\b(?:volt\w+|revert\w+|desfa\w+|reverta|retorn\w+) (?:[\w.-]+ ){0,5}?(?:versao|release|implantacao|deploy)\b"
    r"|\b(?:torn\w+|ripristin\w+|annull\w+) (?:[\w.-]+ ){0,5}?(?:versione|release|rilascio)\b"
)
DEPLOY = r"(?:deploye\w*|mettez en (?:production|ligne)|livre\w*|faca o deploy|implante|publique|suba|rilascia\w*|pubblica\w*|distribui\w*)\b"
WHY = (
    r"\b(?:pourquoi|d'ou vient|que se passe-t-il|qu'est-ce qui|cherche\w* la cause|por que|porque (?:e que|esta|o|a)|o que (?:esta|houve)|descubr\w+"
    r"|perche|cosa (?:succede|sta succedendo)|che cosa succede|scopri\w*)\b"
)
SYMPTOM = (
    r"\b(?:en panne|plante|plantent|echou\w+|lent|lente|lents|redemarr\w+|tombe\w*|indisponible|fora do ar|caiu|falh\w+|lenta?s?|travad[oa]s?"
    r"|reinici\w+|va in errore|fallisc\w+|non risponde|riavvi\w+|in crash)\b"
)
ASSESS = (
    r"\b(?:(?:que|qu'est-ce qui) (?:nous |vous )?manque\S*|evaluez|evaluer|verifiez|passez en revue|o que falta|avali\w+|revis(?:e|em|ar)"
    r"|cosa manca|valut\w+|verific(?:a|are|ate)|controll(?:a|are|ate)|esamin\w+)\b"
)
HARDEN = (
    r"\b(?:securis\w+|durci\w+|corrig\w+ (?:[\w']+ ){0,4}(?:vulnerabilit\w+|failles?|falhas)|proteg\w+|fortale\w+|mett\w+ in sicurezza|rafforz\w+)\b"
)
COST = (
    r"\b(?:redui\w+|baiss\w+|diminu\w+|econom\w+) (?:[\w'-]+ ){0,5}?(?:couts?|facture|depenses)\b|\b(?:reduz\w+|baix\w+|diminu\w+) (?:[\w-]+ ){0,5}?"
    r"(?:custos?|fatura|conta|gastos)\b|\b(?:ridur\w+|riduc\w+|abbass\w+|tagli\w+) (?:[\w-]+ ){0,5}?(?:costi|costo|fattura|spese|spesa)\b"
)
REPORT = r"\b(?:rapport|compte rendu|tableau de bord dora|relatorio|resumo|rapporto|riepilogo|resoconto)\b"
ROLLING = (
    r"\bsans (?:aucune? )?(?:interruption|coupure|arret|indisponibilite|temps d ?' ?arret)\b|\bsem (?:tempo de )?(?:inatividade|interrupc\w+|parada|indisponibilidade|downtime|queda)\b"
    r"|\bsenza (?:interruzion\w+|downtime|fermi|disservizi)\b"
)
