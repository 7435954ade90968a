"""The words by which each kind of work is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opsmith.model.intent import Kind
from opsmith.planners.rules import romance

POLITE = (
    r"(?:please|pls|plz|can you|could you|would you|will you|we need to|we want to|we must|we have to"
    r"|i want you to|i need you to|you should|let's|time to|need to|now|just|then|and|also|ok|okay|hey"
    r"|hi|hello|team|asap|urgent|, |! |: |; |- |to |bitte|kannst du|konnt ihr|konnen sie"
    r"|por favor|puedes|podeis|podrias|hay que|tenemos que|wir mussen|so|go ahead and|you|first|quick|task|it'?s|the|new|merci de|veuillez|il faut|s'il vous plait|per favore|helm|kubectl|argocd) ?"
)
START = rf"^[\s,;:\-(]*(?:{POLITE}){{0,6}}"


@dataclass(frozen=True, slots=True)
class Act:
    kind: Kind
    pattern: re.Pattern[str]


def _act(kind: Kind, *patterns: str) -> Act:
    return Act(kind, re.compile("|".join(patterns)))


NO_CHANGE = re.compile(
    r"\b(?:don'?t|do not|without|before (?:we|you|i)|not|nothing|must not|should not|no) (?:\w+ ){0,3}?"
    r"(?:chang\w*|touch\w*|modify\w*|edit\w*|fix\w*)(?: (?:anything|a thing|nothing|any ?thing yet|any"
    r" files?|the code|something))?(?= [.,;!?)]|$| yet| until| for now)(?<!touch)(?<!change)"
    r"|\b(?:don'?t|do not|before we|without) (?:chang\w+|touch\w*|fix\w*|modify\w*) (?:anything|any)|\bread["
    r" -]?only\b|\bno changes?\b(?! in)|\bnichts (?:andern|anfassen|verandern)\b|\b(?:ohne|bevor) (?:etwas"
    r"|was|wir etwas) (?:zu )?(?:andern|verandern)|\bkeine anderungen\b|\bsin (?:cambiar|tocar|modificar)"
    r" nada\b|\bno (?:cambi\w+|toqu\w+|modifi\w+) nada\b|\bchange nothing\b|\bno edits?\b|\b(?:report|review|findings|read|advice|opinion|assessment) only\b|\bonly (?:report|review|advise)\b|\bno fixes\b|\bno (?:code|implementation|building) yet\b|\b(?:build|implement|write|create|make) (?:nothing|anything)\b(?! but)(?= yet|[ ]?[.,;!]|$)|\bne chang\w+ rien\b|\bsem (?:mudar|alterar) nada\b|\bnon (?:cambiare|modificare) (?:niente|nulla)\b|\b(?:just|only) look(?:ing)?\b(?! (?:into|for))|\bnur (?:schauen|ansehen|anschauen)\b|\bsolo mirar\b|\bjust tell me\b"
)
ROLLBACK = _act(
    "rollback",
    (
        rf"{START}(?:roll(?:ing)? ?-?(?:[\w-]+ ){{0,5}}?back|rollback|revert|undo|back out)\b(?! (?:script"
        rf"|plan|procedure|strategy|steps|job|test|docs?|- ?sh|\. ?sh|should|must|has|button|workflow))"
    ),
    (
        r"\b(?:needs? to be|must be|should be|has to be|have to be|get it|want it|want this|please) (?:rolled"
        r"|roll|reverted) ?back\b(?! (?:automatically|by itself))|\b(?:can|could|please|need to|have to|must"
        r"|to) (?:you )?(?:roll|revert) (?:[\w-]+ ){0,5}?back (?:to|on|in|now|please|prod\w*|staging|immediately)\b"
        r"(?! the (?:old|other) stack)"
    ),
    (
        r"^(?!.*\b(?:should|must|able|automat\w*|if|when|script|plan|by itself|can)\b).*\bback to (?:the |its |our )?(?:last|previous|prior|former|old|earlier)"
        r" (?:[\w-]+ ){0,2}?(?:release|version|build|image|tag|state|revision|one)\b"
        r"|^(?!.*\b(?:should|must|able|automat\w*|if|when|script|plan|by itself|can)\b).*\bback (?:to|on) v?\d+\.\d"
        r"|\bauf (?:die |den )?(?:version |v)?\d[\d.]* zuruck\b|\bvuelta a la (?:version )?(?:anterior|v?\d)"
    ),
    (
        rf"\bput (?:[\w.]+ ){{0,4}}?back (?:on|in|into|to|onto)\b|{START}(?:go|get|bring|take|switch|return"
        rf"|restore|set|move) (?:[\w.-]+ ){{0,6}}?back (?:to|on) (?:the |what |version|release|tag|v\d|\d|yesterday"
        rf"|last|previous|old)"
    ),
    (
        rf"{START}(?:[\w.-]+ ){{0,14}}?(?:zuruckrollen|zurucksetzen|zurucknehmen|zuruckdrehen|ruckgangig machen)\b|\b(?:roll|setz|dreh|spiel|stell|hol|fahr)\w* (?:[\w.,-]+"
        rf" ){{1,14}}?zuruck\b|\bzuruck auf (?:die |den )?(?:version|vorige|vorherige|letzte|alte|v\d|\d)|\bmach\w*"
        rf" (?:[\w.-]+ ){{1,8}}?ruckgangig\b"
    ),
    (
        rf"\b(?:rollback|roll back|revert) (?:[\w-]+ ){{0,6}}?to (?:revision |version |release |tag |build |image )?v?\d"
        rf"|\b(?:faca|fazer|faz|faites|faire|fai|fate) (?:um |uma |le |un |il |o )?rollback\b|\btake (?:it|that|this|them) back\b|\brevert(?:ing)? to\b(?! (?:if|when))|{START}restore v?\d+\.\d|{START}(?:revierte\w*|revertir|revertid|vuelve|volved|volver|regresa|haz rollback|rollback|deshaz"
        rf"|deshacer)\b|\bhaz(?:me)? un rollback\b|\bvolver a la version\b"
    ),
    romance.ROLLBACK,
)
CONDITION = re.compile(r"\b(?:when|if|whenever|once|in case|as soon as|wenn|falls|sobald|si|cuando|quand|lorsque|quando|se)\b[^,;.]*")
"""What shall happen some day is no symptom."""
ASKED_POLITELY = re.compile(
    r"^[\s,;:\-(]*(?:(?:hi|hey|hello|please|and|also|so|oh|ok)(?: \w+)? ?,? ?)?(?:(?:can|could|would|will|may|might) (?:you|we|i|someone|somebody|anyone|it|they)\b"
    r"|who can\b|any chance\b|is it possible\b|would it be possible|kannst|konnt\w*|konnen|puedes?|podeis|podrias?|pouv\w+|peux|podem|puoi|potete|potresti)"
)
QUESTION = re.compile(
    r"^[\s,;:\-(]*(?:(?:hi|hey|and|so|also|but|oh|ok|well)(?: \w+)? ?,? ?)?(?:which|what|how|is|are|do|does|did|should|where|who|has|have|(?:would|will|can|could) (?:our|the|this|these|my|that)|when|whether|welche\w*|was|wie|ist|sind|hat"
    r"|haben|sollt\w*|sollen|que|cual\w*|como|esta\w*|deber\w*|quel\w*|est-ce|combien|faut-il|qual|quais|cosa|quale|quali|dovremmo)\b|^[\w .-]{2,40} or [\w .-]{2,40} ?\?$"
)
"""A question that wants an answer, not a thing."""
VERIFYING = re.compile(
    r"^[\s,;:\-(]*(?:(?:and|then|und|y|et) ?)*(?:run|do|execute|start)? ?(?:the |our |a |quick )*(?:smoke|sanity|health|post-deploy\w*)[ -](?:tests?|checks?)|^[\s,;:\-(]*(?:(?:and|then) ?)*(?:verify|check|confirm|watch|tell|let|report|notify|ping)\b"
)
"""What belongs to a release itself and is no wish of its own."""
WISH = re.compile(r"\b(?:i|we) (?:want|need|would like)|\bshould\b|\bmust\b|\b(?:soll\w*|muss\w*|wollen|mochte\w*|queremos|quiero|debe\w*)\b")
FUTURE = re.compile(r"^[\s,;:\-(]*(?:if|when|whenever|in case|should (?:anything|it)|wenn|falls|si|cuando|en caso)\b")
DEPLOY = _act(
    "deploy",
    rf"{START}(?:send|take|move|hand|kick off|start|trigger|do|perform|launch|run) (?:[\w.-]+ ){{0,5}}?(?:(?:deployment|rollout|release) (?:of|to|on)\b|(?:v?\d[\d. ]*|build|release|version|tag|image) (?:[\w.-]+ ){{0,4}}?(?:to|onto|on|into) )",
    rf"{START}(?:re-?deploy|deploy|ship|release|go live with|(?:take|bring|put) (?:[\w.-]+ ){1, 4}live|cut over to|activate|push|promote|roll ?out|rollout|publish|(?:get|bring|put)(?! (?:[\w-]+ ){{0,3}}back\b)|upgrade|bump|install|launch)\b",
    rf"{START}(?:deploye|rolle|rollt|bring\w*|spiel\w*|veroffentlich\w*|release)\b|\b(?:ausrollen|deployen|einspielen|ausliefern|veroffentlichen)\b",
    rf"{START}{romance.DEPLOY}",
    rf"{START}(?:despliega\w*|desplegar|desplegad|despliegue|sube|subir|publica\w*|lanza\w*|promociona\w*|promueve|pon|pasa|pasar|instala)\b",
)
WHY = _act(
    "investigate",
    r"\bwhat(?:'?s| is) (?!missing|going|pending|running|pressing|outstanding)[a-z]{3,}ing\b(?! (?:for|to be))|\b(?:any|got a) clue\b|\bcheck why\b|\bwhere (?:does|do) (?:it|this|that|they|these) come from\b",
    romance.WHY,
    r"\b(?:what (?:went|goes|is going|has gone) wrong|what broke|what(?:'?s| is| was)? (?:eating|filling|fills|eats|causes|caused|changed|blocks|blocking|killing|kills|behind)\b"
    r"|how come|where (?:do|does|are|is) (?:the|these|this|those|all) (?:[\w-]+ ){0,4}(?:com(?:e|ing) from|from)|(?:the|a) (?:reason|cause|culprit) (?:for|of|behind)|need(?:s)? (?:a |the )?(?:root )?cause|(?:what(?:'?s| is) |find )?the (?:root )?cause(?= ?[.,;?!]|$)|ideas ?\?)(?!\w)\b",
    r"\b(?:why (?:is|are|does|do|did|has|have|was|were|the|our|it)|why\b|(?:what'?s|what is) (?:going on|happening"
    r"|causing|up with|wrong\b(?! with (?:our|the|this|my|these) (?:[\w-]+ ){0,3}"
    r"(?:set-?up|config\w*|dockerfiles?|manifests?|charts?|repo\w*|terraform|compose|design|approach)\b))|what happened"
    r"|find out (?:why|what|where|how)|figure out (?:why|what)|debug|diagnos\w+"
    r"|troubleshoot(?! ?ing guide)|root[ -]cause|look into|investigat\w+|what causes|how (?:that|this|it) (?:could|can) (?:have )?happen\w*|how (?:did|could|can) (?:that|this|it) happen|(?:find|look for|tell me) (?:me )?the (?:reason|cause|culprit|bottleneck|leak|source of|problem)|where does (?:the"
    r"|this) (?:error|latency|leak) come|track down|any idea|get to the bottom)\b",
    (
        r"\b(?:warum|wieso|weshalb|woran (?:liegt|kann)|was ist (?:da )?los|finde\w* (?:bitte )?heraus|herausfinden"
        r"|untersuch\w+|ursache\w*|por que|que (?:esta )?pas(?:a|ando|o)|averigu\w+|investig\w+|diagnostic\w+"
        r"|a que se debe|causa raiz)\b"
    ),
)
SYMPTOM = _act(
    "investigate",
    r"\b(?:grows?|climbs?|rises?) (?:until|without|and never)\b|\bkills? it\b|\b(?:returns?|answers?|throws?|gives?) (?:[\w-]+ ){0,2}?[45]\d\d\b",
    romance.SYMPTOM,
    r"\b(?:out ?of ?sync|has expired|expired (?:over|last|yester\w*|this|today|again)|pil(?:es?|ed|ing) up|backing up behind|stall\w*|degraded|deadlock\w*|keeps? (?:losing|logging|throwing|returning|printing|growing)"
    r"|(?:is|are) (?:failing|dropping|growing|climbing|rising|lagging|missing since|gone since)|lag(?:s|ging)? behind|intermittent\w*|unresponsive|swamped|(?:error|crash) rate (?:of |is |at |went )?\d|not scraped|lost connection"
    r"|not (?:syncing|responding|resolving|starting|working)|doesn'?t (?:sync|resolve|scale|deploy|finish)|never (?:finishes|completes|starts|becomes ready))\b",
    r"\b(?:crash ?loop\w*|crashloopbackoff|imagepullbackoff|oom ?-?kill\w*|oomkilled|out of memory|exit"
    r" code|50[0234] ?(?:s|er|errors?|responses?)\b|(?:http|status|error|code|get|gets|getting|with) "
    r"(?:a |an )?50[0234]\b|50[234]\b|5xx|bad gateway|gateway timeout|time-?outs?|times? out|timing out"
    r"|timed out|fail(?:s|ed|ing|ures?)?(?! ?-?over| on | if | when | the | fast)|(?:is|are|been|goes|went|turns?) (?:red|down|broken|stuck|slow"
    r"|unreachable|offline|dead)"
    r"|breaks|stuck|hang(?:s|ing)?|crash(?:es|ed|ing)?|restart(?:s|ing)? (?:every|all|constantly|again"
    r"|in|\d|itself|by)|unreachable|not reachable|memory leak|leaks?|spik(?:es|ed|ing)|pending|slow(?:er)?"
    r"|(?:cannot|can'?t|can not|unable to) (?:resolve|reach|connect|pull|mount|start|schedule)|servfail|refused|evicted|unhealthy|not ready|doesn'?t (?:start|come up|respond|work)|does not (?:start|come"
    r" up|respond|work)"
    r"|won'?t (?:start|come up)|not starting|no space left|disk full|connection reset|flaky|throttl\w+"
    r"|stops with|dies|died|keeps? (?:dying|failing|restarting|crashing|timing))\b",
    (
        r"\b(?:absturz\w*|abgesturzt|sturzt|sturzen|fehlgeschlagen|schlagt\b|schlagen fehl|fehler|langsam\w*"
        r"|hangt|hangen|nicht erreichbar|startet nicht|starten nicht|bricht ab|brechen ab|rot|cae|cayo|caid[oa]s?"
        r"|falla\w*|fallo|fallan|lent[oa]s?|no arranca\w*|no responde\w*|reinicia\w*|errores|colgad[oa]s?)\b"
    ),
)
ASSESS = _act(
    "assess",
    r"\bhow (?!many|much|often|long|do|does|did|can|could|should|to|slow)[a-z]+ (?:are|is) (?:we|our|this|the|it|that)\b|\b(?:better|right|best) (?:fit|choice|option|tool) for\b|\b(?:comments|opinion|feedback|advice) (?:only|please)\b|\bjust an? (?:assessment|evaluation|review|opinion|estimate)\b",
    romance.ASSESS,
    r"\b(?:any good|critical (?:read|look|eye|review)|fresh (?:eyes|look)|tell (?:me|us) (?:whether|if)|(?:that|it|this)(?:'s| is) (?:wise|sensible|sound|sane)|which (?:one )?(?:would|should) (?:you|we)|up to (?:scratch|standard|date)|look(?:s)? (?:right|ok|okay|sane|good|correct) to you|weak (?:spots|points)|blind spots|shortcomings|red flags|how far (?:are|is)|where do(?:es)? (?:we|it|our \w+) (?:stand|fall short)"
    r"|(?:maturity|risk|readiness|gap|security posture) (?:assessment|analysis|review|score|check)|sanity[ -]check|would you (?:sign|approve|change|trust)|your (?:view|take|verdict|judg\w+) (?:on|of)|score our|rate our|pros? and cons?)\b",
    (
        rf"{START}(?:re)?(?:review(?! apps?\b| env)|audit(?! (?:logs?|logging|trails?|events?|polic|mode))|assess|evaluate|check(?! ?-?out)|inspect|examine|analy[sz]e|look (?:at|over|through)"
        rf"|have a look|take a look|go (?:over|through)|rate(?![ -]limit)|grade|compare|score|critique|judge|validate|scan"
        rf"|verify)\b"
    ),
    r"\b(?:what(?:'s| is|s| are) (?:still )?missing|what (?:do|are) we (?:miss|lack)\w*|what would (?:an?"
    r" )?\w+ (?:flag|say|find|complain)|what(?:'?s| is) wrong with|gaps?(?: analysis)?|how (?:good|mature"
    r"|ready|secure|safe) (?:is|are)|is (?:our|the|this|it) (?:[\w-]+ ){0,4}(?:ok|okay|good enough|ready"
    r"|secure|safe|sane|production ready|compliant|up to)"
    r"|are (?:our|we|these|the) (?:[\w-]+ ){0,4}(?:ok|okay|ready|secure|safe|sane|compliant)|should we"
    r"|(?:good|bad|sensible) idea|worth (?:it|the)|makes? sense|second opinion|pros and cons|tell me what|list (?:what|everything|all problems)|what (?:should"
    r"|would|could|can) (?:we|you|i) (?:improve|change|fix|recommend)|(?:production|operational|launch|audit|security) readiness|readiness (?:review|assessment|report)|feedback on|do we (?:have"
    r"|meet|comply)|health check of our"
    r"|need an? (?:review|audit|assessment|second (?:opinion|pair of eyes|look))|what needs? to (?:be done|change|happen))\b",
    (
        rf"{START}(?:pruf\w*|uberpruf\w*|bewert\w*|begutacht\w*|analysier\w*|kontrollier\w*|schau\w*|sieh|vergleich\w*"
        rf"|revis[ae]\w*|audit(?:a|ad|ar|e|en|iere\w*)|evalu\w*|analiz\w*|analic\w*|comprueb\w*|compar\w*|echa un vistazo|mira)\b"
    ),
    (
        r"\b(?:was (?:uns )?(?:noch )?fehlt|was fehlt|was ist (?:schlecht|falsch) an|prufen|uberprufen|begutachten"
        r"|bewerten|que (?:nos )?falta|revisar|auditar|evaluar|que opinas|buena idea|vale la pena|gute idee|einschatzung|lohnt (?:es )?sich|deine meinung|ist (?:unser\w*|das|die|der) (?:\w+"
        r" ){0,4}(?:sicher|bereit|in ordnung|gut)|durchsehen|durchschauen)\b"
    ),
)
VERDICT = re.compile(
    r"\b(?:good|bad|sensible) idea\b|\bworth it\b|\b(?:your|an|second) opinion\b|\bpros and cons\b|\bgute idee\b|\beinschatzung\b|\bdeine meinung\b"
    r"|\bbuena idea\b|\bvale la pena\b|\btu opinion\b"
)
"""Asks for a judgement, whatever wish was told before it."""
HARDEN = _act(
    "harden",
    romance.HARDEN,
    r"\b(?:cut|reduce|restrict|limit|trim|strip|narrow) (?:it |them |that |this )?(?:[\w-]+ ){0,5}?(?:(?:down )?to (?:what|only what) (?:it|they|we) (?:really |actually )?needs?|permissions|rights|privileges|attack surface)\b"
    r"|\b(?:non[ -]?root|rootless|unprivileged|read[ -]?only (?:root|file ?system))\b(?=[^\n]{0,80}\b(?:drop|capabilit\w+|make|run)\b)|\b(?:make|run|let|force) (?:[\w-]+ ){0,4}(?:non[ -]?root|unprivileged|rootless)\b",
    (
        r"\b(?:harden\w*|lock(?:ed|ing)? (?:it |them |this |\w+ )?down|close the (?:findings|holes|gaps)|remediat\w+"
        r"|least[ -]privilege|tighten\w*|secure (?:the|our|this|it|my|these)\b|make (?:\w+ ){0,4}(?:more )?secure)\b"
    ),
    (
        r"\b(?:fix|resolve|patch|address|clear|mitigate|get rid of|eliminate|bring|sort out|repair|remove"
        r"|solve|work off|rotate|revoke|purge|close|upgrade away)\b(?=[^\n]{0,120}\b(?:vulnerabilit\w+|cves?|findings|tfsec|kics|terrascan|kube-?score|kube-?sec|kube-?linter|gitleaks|trufflehog|prowler|anchore|clair|docker scout|leaked|publicly (?:readable|reachable|accessible)|0 ?\. ?0 ?\. ?0 ?\. ?0|0\.0\.0\.0|security (?:scan|issues|findings"
        r"|problems|warnings)|trivy|checkov|grype|snyk|kube-?bench|hadolint|zizmor|restricted pod security"
        r"|pod security|as root|privileged|hardcoded|secrets in (?:the |our |all )?(?:[\w-]+ )?(?:repo\w*|git|code|env\w*|images?|logs?|source|plain\w*|docker\w*|files?|workflows?|manifests?|config\w*|history))\b)"
    ),
    (
        r"\b(?:absichern|abgesichert|hart(?:e|en|et)\b|harten|gehartet\w*|sicherer machen|schwachstellen?"
        r" (?:\w+ )?(?:beheb\w*|schliess\w*|fix\w*)|sicherheitslucken? (?:\w+ )?(?:beheb\w*|schliess\w*)|behebe\w*"
        r" (?:\w+ ){0,6}(?:schwachstelle\w*|sicherheitslucke\w*|cves?|findings|funde)|bastionar|endurecer"
        r"|endurece|fortificar|asegura (?:el|la|los|las|nuestr\w+))\b"
    ),
    (
        r"\b(?:corrige|corregir|corrig\w+|arregla\w*|soluciona\w*|elimina\w*|resuelv\w+)\b(?=[^\n]{0,100}\b"
        r"(?:vulnerabilidad\w*|cves?|hallazgos|trivy|seguridad)\b)"
    ),
)
FOUND = re.compile(
    r"\b(?:\d+ |critical |high |severe |new |open ){1,3}(?:cves?|vulnerabilit\w+|security (?:findings|issues|holes)|holes|failles|falhas|schwachstellen|vulnerabilidades)\b"
    r"|\b(?:trivy|grype|snyk|dependabot|checkov|tfsec|kics|kube-?bench|hadolint|guardduty|prowler|clair|gitleaks|security hub|defender|scanner|security scan|scan|pentesters?) (?:[\w-]+ ){0,2}?(?:lists?|shows?|finds?|found|reports?|flags?|flagged|complains?|warns?)\b"
    r"|\b(?:runs?|running) as (?:root|uid 0)\b|\bwide open\b"
)
"""What a scanner or an auditor found: told with an order, it asks to be mended, whatever the verb."""
SECURITY_FINDING = re.compile(
    r"\b(?:leaked|committed|exposed|pushed|hard-?coded|checked in|plain ?text) (?:[\w-]+ ){0,5}?(?:keys?|secrets?|passwords?|credentials?|tokens?)\b"
    r"|\b(?:keys?|secrets?|passwords?|credentials?|tokens?) (?:[\w-]+ ){0,4}?(?:leaked|committed|exposed|in git|in plain ?text|hard-?coded)\b"
    r"|\b(?:tfsec|kics|terrascan|kube-?score|kube-?sec|kube-?linter|hadolint|gitleaks|trufflehog|prowler|anchore|clair|docker scout|cluster-admin|unencrypted|world ?-?readable"
    r"|publicly (?:readable|reachable|accessible)|(?:bucket|port|database|registry|dashboard) (?:is )?(?:public|open to)|pen ?-?test(?:ers?)? (?:said|says|found|reports?|shows?)|default passwords?|tls 1(?:\.| \. )?[01]\b|without (?:login|authentication|auth)|weak (?:ciphers?|passwords?)|open to (?:the world|the internet|everyone|anyone)|vulnerabilit\w+|cves?|security (?:scan\w*|audit|findings?|report)|trivy|checkov|grype|snyk"
    r"|kube-?bench|as root|root user|privileged|findings|schwachstelle\w*|sicherheitslucke\w*|sicherheitsscan\w*"
    r"|vulnerabilidad\w*|escaneo)\b"
)
REPAIR = re.compile(
    r"\b(?:fix|resolve|patch|repair|clean (?:it|them|this) up|sort (?:it|this|them) out|bring (?:them"
    r"|it) in line|make (?:it|them) (?:go away|safe)|take care of|behebe\w*|beheben|beseitig\w*|reparier\w*"
    r"|work (?:through|off)|go through (?:them|these|it)|deal with|tackle|handle (?:them|these|it)|bump|rotate|revoke|purge|remove|close|cut (?:it|them)|restrict|in ordnung bringen|corrig\w+|corrij\w+|arregl\w+|soluciona\w*|address)\b"
)
COST_NOUN = (
    r"(?:costs?|bills?|(?:aws|azure|gcp|google|cloud|datadog|hosting|monthly|vendor|provider|new relic) invoices?|spend(?:ing)?|expenses|expens\w+|money|price|\w*kosten|\w*rechnung|ausgaben|geld"
    r"|kostet|cuesta|coute|custa|teuer\w*|costes?|costos?|facturas?|gastos?|gastamos|dinero|caro)"
)
SAVE = (
    r"(?:reduc\w*|lower(?:ing)?|cut(?:ting)?|sav(?:e|ing|ings)|bring\w* (?:[\w-]+ ){0,4}down|(?:get|keep"
    r"|push|drive) (?:[\w-]+ ){0,4}(?:down|under|below)|halve|(?:could|can) be smaller|down-?siz\w*|switch off|turn off|cheaper|optimi[sz]\w*|shrink\w*|trim\w*"
    r"|where (?:does|do|is|did)|slash|right-?siz\w+|waste\w*"
    r"|senk\w*|spar\w*|einspar\w*|reduzier\w*|runter\w*|herunter\w*|drucken|halbier\w*|verringer\w*|gunstiger"
    r"|billiger|bajar|baje\w*|reducir|reduz\w+|ahorr\w*|recort\w*|optimiz\w*|wohin|adonde|a donde|en que"
    r" se va|abarat\w+)"
)
COST = _act(
    "optimize_cost",
    romance.COST,
    r"\b(?:over (?:the |our )?budget|exceed(?:s|ing)? (?:the |our )?budget|costs? (?:us )?too much|too expensive to run|cheaper (?:way|ways|option|options|alternative\w*))\b|^(?!.*\b(?:users|requests)\b).*\bheading for [$€£]?\d",
    rf"\b{SAVE}\b(?=[^\n]{{0,90}}\b{COST_NOUN}\b)|\b{COST_NOUN}\b(?=[^\n]{{0,160}}\b{SAVE}\b)",
    r"\b(?:unused|orphaned|idle|oversized|unattached|under-?utili[sz]ed|zombie) (?:[\w-]+ ){0,2}?"
    r"(?:disks?|volumes|vms?|instances?|resources|nodes?|load balancers?|ips|snapshots?|buckets?|databases?|clusters?|servers?)\b",
    r"\b(?:save money|pay (?:less|at most|no more)|spend less|ask(?:s|ing)? for more (?:memory|cpu|ram) than|weniger zahlen|pagar menos|over-?provisioned|finops|cost (?:optimi[sz]ation|savings?|reduction))\b",
)
GOAL = re.compile(r"\b(?:wants?|allows?|target|goal|aim|expects?|approved|down to|not more than|max\w*) (?:[\w:]+ ){0,3}?[$€£]? ?\d")
"""An amount to come down to, in the sentence behind the bill."""
COST_THEME = re.compile(rf"\b{COST_NOUN}\b")
SAVING = re.compile(rf"\b{SAVE}\b")
REPORT = _act(
    "report",
    r"\b(?:compliance|uptime|deployment|incident|availability|security|cost) (?:status|overview|summary)\b|\b(?:1|one)-?pager\b|\bnumber of (?:[\w-]+ ){0,2}?(?:incidents|deploy\w*|outages|alerts|releases|failures|rollbacks)\b|\b(?:overview|figures|numbers|table)\b(?=[^\n]{0,80}\b(?:availability|uptime|incidents|outages|q[1-4]|last (?:month|week|quarter|year)|per (?:service|team|squad))\b)",
    romance.REPORT,
    r"\b(?:weekly|monthly|quarterly|yearly|annual|daily|last (?:month|week|quarter|year)'?s?) (?:[\w-]+ ){0,3}?(?:overview|table|breakdown|digest|numbers|figures|statistics)\b"
    r"|\b(?:overview|breakdown|table|list) of (?:[\w-]+ ){0,3}?(?:spend\w*|costs?|deploy\w*|incidents|outages|uptime|releases|changes)\b|\bfigures for (?:the |last |q\d)|\bwho deployed\b|\b(?:list|show|name|give) (?:me |us )?(?:all|every|the) (?:[\w-]+ ){0,3}?(?:changes|deployments|releases|incidents|outages|rollbacks)\b|\bevidence\b(?=[^\n]{0,60}\bauditors?\b)",
    r"\b(?:dora|deployment frequency|lead time|change failure rate|mttr|time to restore|mean time to (?:recover\w*|restore)|(?:weekly|monthly"
    r"|quarterly|daily|management) (?:[\w-]+ ){0,2}?(?:status|report|summary|update)|status (?:report|update|of|for|summary)"
    r"|compliance report|uptime report|incident report|post-?mortem|report (?:on|of|for|about|to|how|which"
    r"|with)"
    r"|(?:give|send|show|get) (?:me|us) (?:the |a |an )?(?:[\w-]+ ){0,4}(?:numbers|figures|statistics"
    r"|stats|report|overview|summary|status)|how (?:many|often) (?:of|did|do|have|were|times|deploy\w*|minutes|hours|incidents|outages|alerts|builds|failed)|which"
    r" (?:services|teams|builds) (?:\w+ )?(?:deployed|met|missed|had|were|failed)|summar(?:y|i[sz]e)(?: of)?|evidence (?:for"
    r"|report|package)|overview of (?:all|the|last|our) (?:deploy\w*|incidents|releases))\b",
    (
        r"\b(?:status ?bericht|wochenbericht|monatsbericht|quartalsbericht|bericht|auswertung|kennzahlen|wie"
        r" oft|wie viele deployments|informe|resumen|reporte|metricas dora|cuantos despliegues|con que frecuencia"
        r"|estado semanal)\b"
    ),
)
NOT_REPORT = re.compile(
    r"\b(?:test|coverage|junit|sarif|crash|bug|error|alert(?:manager)?|slack)[ -]reports?\b|\breport(?:s"
    r"|ed|ing)? (?:that|by|errors|to (?:slack|sentry|datadog))\b|\bdashboards?\b"
)
MAKE = _act(
    "deliver",
    r"^[\s,;:\-(]*(?:(?:an?|the|some|new|our) )?(?:[\w-]+ ){0,3}?(?:runbooks?|scripts?|dashboards?|alerts?|charts?|manifests?|workflows?|dockerfiles?|playbooks?|policies|rules|objects|roles?|modules?)(?= (?:for|to|that|which|with)\b)",
    r"\b(?:set ?-?up|setup|setting up|create|build(?! (?:fail\w*|is|has|broke\w*|takes|failures?|was|times?"
    r"|minutes|log|error|job))|write|make|add|generate|configure|provision|implement|prepare|migrate|move"
    r"|containeri[sz]e|dockeri[sz]e|install|wire|automate|introduce|extend|replace|convert|rewrite|turn"
    r"|switch"
    r"|give (?:us|me)|put|bring|enable|integrate|instrument|monitor|back up|schedule|deliver|draft|want"
    r"|need|needs|would like|i'd like|should|must|has to|have to|manifests? for|plan and|terraform for"
    r"|get (?:\w+ ){0,6}(?:on|onto|off|into|to|running)|let|ship|roll ?out|deploy|use|sign|rotate|encrypt"
    r"|ajout\w*|adicion\w*|aggiung\w*|block|forbid|enforce|allow|require|restrict|spin up|stand up|roll|replicate|go (?:for|with)|going (?:for|with)|il (?:nous )?faut|creer|creez|mett\w+ en place|installe\w*|precis\w+|cri(?:e|ar)|implant\w+|vogliamo|serv(?:e|ono)|crea(?:re|te)?|bisogna"
    r"|split|standardi[sz]e|upgrade|scale|run|bump|raise|increase|pin|expose)\b",
    (
        r"\b(?:einricht\w*|richte|aufsetz\w*|setz\w*|erstell\w*|bau\w*|schreib\w*|mach\w*|konfigurier\w*|brauch\w*"
        r"|mocht\w*|soll\w*|automatisier\w*|containerisier\w*|umstell\w*|migrier\w*|hinzufug\w*|erganz\w*"
        r"|ausroll\w*|benotig\w*|wollen|muss|mussen|bitte|gesichert|leg|lege|anlegen|einbau\w*)\b"
    ),
    (
        r"\b(?:crea\w*|monta\w*|configur\w*|necesit\w*|quer\w+|quier\w+|anad\w*|prepara\w*|escrib\w*|haz|hacer"
        r"|genera\w*|migra\w*|automatiz\w*|implement\w*|instal\w*|desplegar|desplieg\w*|debe\w*|tiene que"
        r"|hay que|pon|poner|dockeriza\w*|contenedoriz\w*|agrega\w*|construy\w*)\b"
    ),
)
EXPLAIN = re.compile(
    rf"{START}(?:eli5|explain|what(?: is|'?s) [\w -]{{2,30}}\??$|what is an? |what'?s an? |what(?: is|'?s) the difference|(?:the )?difference between|what does \w+ (?:mean|stand)"
    rf"|teach me|was ist ein|erklar\w*|que es un\w? |explica\w*|who (?:is|was|invented)|how are you|tell"
    rf" me a|what time|good morning)"
)
VERSION = re.compile(
    r"\b(?:roll ?out|deploy|ship|release|promote|push|rolle|deploye|despliega|publish) (?:the )?v?\d+(?:\.\d+)*\b"
    r"|\bv\d+(?: ?\. ?\d+)*\b|\b(?:version|release|tag|build|revision) v?\d|\b\d+\.\d+\.\d+\b|\bhotfix\b"
    r"|\b(?:latest|current|new) (?:version|release|build|image|tag)\b|\bnow\b|\btonight\b|\bjetzt\b|\bahora\b"
)


ONLY_TELLING = re.compile(
    r"\b(?:write|note|put) (?:it |this |them )?(?:down|up)\b|\b(?:write|make|give|create|prepare|send)"
    r" (?:me |us )?(?:a |an |your |the )?(?:short |prioriti[sz]ed |brief )?(?:list|findings|opinion|feedback"
    r"|assessment|verdict|recommendations?|summary)\b"
)
DATING = re.compile(
    r"\b(?:last|the|a|this|that|latest|previous|since|after|every|each|before|yesterday's|letzte\w*|seit"
    r"|nach|ultimo|desde|tras|after the|since the) (?:[\d:]+ |last |letzten |el |dem |der |[a-z-]+ )?(?:deploy\w*"
    r"|release|build|setup|rollout|upgrade|switch|run|move|despliegue|update)\b"
)
