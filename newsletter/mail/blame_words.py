"""The words by which mail servers say what they refuse: of Postfix, Exim, Exchange, qmail, Sendmail and large providers. Pure.

Each pattern is matched against a reply in small letters, without its codes, on one line. They are asked in the order of
`ORDER`; the first that fits tells. What none of them knows is told by the code alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.values.mail import Blame


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# Who sends is not who they say: SPF, DKIM, DMARC. These stand first, because such replies quote addresses and domains too.
AUTHENTICATION = _any(
    r"\b(?:spf|dkim|dmarc|arc)\b(?! pass)",
    r"sender policy framework",
    r"not authenticated|unauthenticated (?:mail|e-?mail|sender)|lack of authentication|does not authenticate",
    r"(?:smtp|must) authent|authentication (?:is )?(?:required|credentials|failed|unsuccessful|not enabled)|"
    r"not authori[sz]ed to send",
    r"(?:message|mail) .{0,40}(?:fails|failed|did not pass) .{0,30}(?:authentication|checks?)\b",
)

# We may not relay, greet or send from here.
RELAY = _any(
    r"relay(?:ing)?(?: access)?(?: is)? ?(?:denied|not permitted|not allowed|prohibited|forbidden|disabled|refused|"
    r"restricted)",
    r"(?:unable|not (?:permitted|allowed|authori[sz]ed)|refus\w+|won't|cannot|can't|will not|do(?:es)? not|don't|"
    r"no) (?:to )?relay",
    r"not (?:in my|on the) list of allowed rcpthosts|isn'?t in my list of allowed|rcpthosts",
    r"not a(?:n open)? relay\b|open relay|relay (?:host|client) rejected|is not allowed to relay",
)
GREETING = _any(
    r"\b(?:helo|ehlo)\b",
    r"fully[- ]qualified|\bfqdn\b",
    r"(?:reverse|\brdns\b|\bptr\b|in-addr)[^.]{0,40}(?:dns|record|lookup|name|missing|fail|match|resol)|\bno ptr\b|"
    r"\bbad dns ptr\b",
    r"(?:cannot|can'?t|could not|unable to) (?:find|resolve) your (?:reverse )?(?:host|ip|address)|unresolvable (?:client|"
    r"host)",
    r"(?:client host|hostname|host name) rejected|dynamic (?:ip|address)|generic (?:r?dns|ptr|hostname)|invalid hostname",
    r"\b(?:start)?tls\b[^.]{0,40}(?:required|needed|mandatory|first|only|must)|(?:must|require\w*|need\w*|"
    r"only accept\w*)[^.]{0,40}\b"
    r"(?:start)?tls\b|encryption (?:needed|required|is required)|secure connection",
)
SENDER = _any(
    r"sender address|address of (?:the )?sender|domain of (?:the )?sender|sender(?:'s)? domain|envelope[- ]sender|"
    r"mail from:? (?:domain|address)",
    r"blocked senders",
    r"sender (?:verif|rejected|denied|blocked|refused|is (?:not|blocked)|not (?:accepted|allowed|known)|unknown|address|"
    r"invalid|ip)",
    r"(?:verify|verification) (?:of )?(?:the )?sender|sender callout|callout verification|verification failed for <?\S+@",
    r"(?:bad|blocked|invalid|unknown|rejected|banned|blacklisted) sender\b|return[- ]path|unroutable sender|"
    r"sender_? ?rejected",
    r"from (?:address|domain) (?:is |does )?(?:not|blocked|invalid)|sender identity",
)
# Lists, limits and reputation.
LISTED = _any(
    r"^\W*(?:\w+ )?blocked\W*$|\bblocked (?:using|by)|\brejected (?:using|by) \S*(?:\.[a-z]{2,}|rbl|bl)\b",
    r"\b(?:black|block|deny|dead)[- ]?list|\b(?:dns|r|x|s|p|uri|sur)bls?\b|\b[hj]mrp\b",
    r"spamhaus|spamcop|barracuda|sorbs|abusix|uceprotect|mailspike|proofpoint|cloudmark|senderscore|invaluement|\bpsbl\b|"
    r"\bcbl\b|\bpbl\b"
    r"|\bs3\d{3}\b|\bsnds\b|trend ?micro|talos|senderbase|spfbl|backscatterer|manitu",
    r"(?:your|client|sending|source|this|connecting|from|our) (?:ip|ips|ip address|host|server|network|domain|"
    r"client)s?\b"
    r"[^;]{0,80}\b(?:blocked|listed|banned|refused|rejected|denied|not allowed|reputation|blacklisted|prohibited|"
    r"suspicious|abuse)",
    r"(?:client|host|ip|server)\s*\[[^\]]*\][^;]{0,40}\b(?:blocked|listed|banned|refused|denied|rejected)",
    r"\breputation\b|\bbanned (?:send|ip)|access denied, banned|part of their network is on our block",
    r"unsolicited|bulk (?:mail|e-?mail)|spam (?:source|sender|network|policy)|known spammer|suspected spammer|"
    r"user complaints",
    r"connection (?:refused|rejected|denied|not authori[sz]ed)|no smtp service|not welcome|suspected bounce attack",
    # NetEase's codes of who sends (https://mail.163.com/help/help_spam_16.htm), and Barracuda where it blocks a whole mail.
    r"(?<![\w:])(?:rp|mi|hl|ibp):[a-z]{3}\b|\bdt:sum\b|^\W*permanent failure for one or more recipients\W*$",
)
LIMITED = _any(
    r"(?:sending|send|daily|hourly|message|messages|recipient|rate|outgoing|user sending|relay)s? ?(?:rate |"
    r"mail )?(?:limit|quota)s?\b[^.]{0,30}"
    r"(?:exceed|reach|over|hit)",
    r"(?:exceed\w*|reached|over) [^.]{0,40}(?:rate|limit of messages|sending|daily|hourly|messages (?:per|a)|connections)",
    r"too (?:many|much) (?:messages|mails|e-?mails?|connections|sessions|mail|traffic|requests)\b|rate[- ]limit|throttl",
    r"frequency (?:is )?limited|frequency limit",
    r"maximum credits exceeded|credits? exceeded|account (?:is )?(?:not active|under review|not verified)|"
    r"sending (?:is )?paused|"
    r"email address is not verified",
)
POLICY = _any(
    r"administrative prohibition|(?:local|security|site|anti-?spam|network|delivery|our|of|mail|violat\w*|to) polic|"
    r"polic(?:y|ies) "
    r"(?:violation|restriction|reason|reject)|prohibited by polic|by policy",
    r"(?:contact|ask) (?:your|the|our) (?:postmaster|administrator)",
    r"^\W*(?:access denied|rejected|denied|administratively denied|not accepted|go away|service refuse)\W*(?:$|veuillez)",
)

# The mailbox cannot take it now; it may tomorrow.
FULL = _any(
    r"(?:over|exceed\w*|out of|insufficient|beyond|hit|reached|at)\b[^.]{0,60}\b(?:quota|storage|disk|mailbox size|space|"
    r"allocation)",
    r"quota\b[^.]{0,40}(?:exceed|full|reach|over|violat|would)|(?:mail ?box|inbox|account|user|maildir|mail drop|storage|"
    r"disk|postbox|folder)\b"
    r"[^.]{0,60}\b(?:is |are |too |has |was |now |been )*(?:full|over ?quota|out of (?:space|storage)|exceeded|"
    r"inaccessible due to size)",
    r"mailbox for \S+ is full|not enough (?:storage|space|room)|no (?:space|room) (?:left|available)|allocated storage|"
    r"user is overquota|"
    r"\bover ?quota\b|\bmbox(?:es)? full|mailfolder is full|mailbox_full",
    r"bo[iî]te [^.]{0,40}pleine|\bpleine\b|quota d[eé]pass[eé]|postfach [^.]{0,30}(?:ist )?voll|speicherplatz|"
    r"speicher (?:ist )?voll|kontingent",
    r"buz[oó]n [^.]{0,30}llen[oa]|cuota [^.]{0,30}exced|casella [^.]{0,30}piena|caixa [^.]{0,40}cheia|"
    r"postvak [^.]{0,20}vol|cota excedida",
    r"邮箱已?满|信箱已?满|空间不足|容量(?:已满|不足|超)|超出?(?:配额|容量)|郵箱已?滿|信箱已?滿|容量がいっぱい|"
    r"いっぱいです|용량.{0,6}초과|переполнен|превышен",
)
# Takes none for now, or too many at once.
BUSY = _any(
    r"gr[ae]y[- ]?list|\btransient\b|retry timeout exceeded",
    r"(?:try|retry|come back|resend) (?:it )?(?:again )?(?:later|in|after)|temporar(?:y|ily)|please retry|wait (?:a|and)|"
    r"later\b.{0,12}$",
)
# One mailbox takes no more for now: said like a limit of ours.
CROWDED = _any(
    r"too many messages for (?:this |the )?(?:user|recipient|mailbox)",
    r"(?:user|recipient|mailbox)\b[^.]{0,40}\bover (?:its|their|his|her|the) (?:message )?rate",
    r"receiving (?:mail|messages) (?:at a rate|too quickly)",
)
# There is nobody, or nobody any more.
_NOBODY = (
    r"user|recipient|mail ?box|account|address|addressee|customer|person|subscriber|alias|inbox|member|contact|local part|"
    r"mail account|"
    r"e-?mail (?:account|address|addr)|rcpt|destination|e-?mail|postbox"
)
GONE = _any(
    rf"(?:unknown|no such|invalid|non-?existent|unrecogni[sz]ed|undeliverable|unrouteable|unroutable|bad|illegal|wrong|"
    rf"inactive|disabled|"
    rf"deactivated|suspended|expired|closed|deleted|terminated|incorrect|dead|undefined|obsolete|unavailable|"
    rf"not a (?:valid|known|local)|not an? (?:active|existing)|"
    rf"no (?:valid|active|local|such local)|nonexistant|unregistered) (?:(?:local|virtual|destination|recipient'?s?|mail|"
    rf"e-?mail|relay|system|the|to|final|rcpt|intended) )*"
    rf"(?:{_NOBODY})s?\b",
    rf"(?:{_NOBODY})s?\b[^.;]{{0,100}}?\b(?:(?:is|was|are|has been|have been|does|do|could|can|cannot|can't|currently|"
    rf"been|has|seems?|to be) )*(?:unknown|not (?:found|exist|known|"
    r"valid|recogni[sz]ed|here|listed|local|active|available|be found|handled|a (?:valid|known)|any|our|in (?:the |"
    r"our )?(?:directory|database|table|use)|"
    r"deliverable|present|registered|defined|there)|doesn'?t (?:exist|have)|does not (?:exist|have)|doesnt exist|"
    r"(?:dis|un|no longer )?(?:no longer (?:exists?|active|valid|available|in use|on server|accepts?|used)|nonexist\w*|"
    r"non-exist\w*)|"
    r"inactive|disabled|deactivated|suspended|terminated|expired|closed|deleted|invalid|removed|unavailable|abandoned|"
    r"dormant|"
    r"discontinued|cancell?ed|undeliverable|unrouteable|unroutable|not exist\w*|has moved|cannot be found|"
    r"could not be found|not exists?)\b",
    r"(?:couldn'?t|could not|cannot|can'?t|unable to|failed to) (?:be )?(?:find|found|locate|resolve)[^.]{0,40}"
    r"(?:user|recipient|mailbox|account|address|domain)",
    r"no (?:one|body|mailbox|account|user)(?: here)? (?:by|with|of|named|called|here|for) |\bno user\b|no mailbox here|"
    r"nobody here|not our customer|"
    r"\bno such (?:user|mailbox|recipient|account|person|address|domain|local|alias|member|name|host)",
    r"(?:unknown|no such|invalid) (?:user|recipient|local)|recipientnotfound|recipnotfound|recipient ?not ?found|"
    r"\bdoesn'?t have an? \S+ account",
    r"unrout(?:e)?able address|unroutable|address rejected\W*$|recipient rejected\W*$|"
    r"unknown (?:or|in) (?:illegal alias|virtual|local|relay)|user not local|not a mailbox|this address no longer|"
    r"address (?:you (?:sent|tried)|not present)|left the (?:company|organi[sz]ation)|no longer (?:works?|employed|"
    r"with us|here)",
    r"requested (?:mail )?action (?:not taken|aborted)\W+(?:(?:mailbox|user) (?:unavailable|not found)|mailbox name)",
    r"\bmailbox (?:name )?(?:unavailable|not found|does not exist|not allowed|syntax)|domain (?:does not exist|not found|"
    r"unknown|isn'?t found|"
    r"can'?t be found|has no mail)|host (?:unknown|or domain name not found)|(?:unknown|no such|nonexistent) (?:host|domain)",
    # French, German, Spanish, Portuguese, Italian, Dutch
    r"(?:utilisateur|destinataire|adresse|compte|bo[iî]te)\b[^.]{0,60}(?:inconnue?|inexistante?|invalide|n'?existe|"
    r"introuvable|d[eé]sactiv|"
    r"ferm[eé]e?|non trouv|supprim)|(?:adresse d'?.{0,3}au moins un destinataire invalide)",
    r"(?:benutzer|empf(?:ä|ae|a)nger|postfach|mailbox|adresse|konto|nutzer|teilnehmer)\w*\b[^.]{0,60}(?:unbekannt|"
    r"existiert nicht|nicht (?:gefunden|"
    r"vorhanden|bekannt|mehr|existent|erreichbar)|ung(?:ü|ue)ltig|deaktiviert|gesperrt|gel(?:ö|oe)scht|geschlossen)|"
    r"unbekannte[rs]? "
    r"(?:empf|benutzer|nutzer|adress)|kein(?:en?)? (?:solche[rns]? )?(?:benutzer|empf|postfach|mailbox|konto|nutzer)",
    r"(?:usu[aá]rio|destinat[aá]rio|direcci[oó]n|buz[oó]n|cuenta|conta|endere[cç]o|caixa|correo)\b[^.]{0,60}(?:desconocid|"
    r"desconhecid|no existe|"
    r"n[aã]o existe|inexistente|inv[aá]lid|no (?:fue )?encontrad|n[aã]o (?:foi )?encontrad|desactivad|desativad|inactiv|"
    r"inativ|no es v[aá]lid)",
    r"(?:utente|destinatario|casella|indirizzo|account)\b[^.]{0,60}(?:sconosciut|inesistent|non (?:esiste|trovat|valid)|"
    r"disabilitat|disattivat)",
    r"(?:gebruiker|ontvanger|postvak|adres)\b[^.]{0,40}(?:onbekend|bestaat niet|niet gevonden)|onbekende (?:gebruiker|"
    r"ontvanger)",
    # Polish, Czech, Swedish, Danish, Norwegian, Finnish, Turkish, Russian
    r"nieznany (?:u[zż]ytkownik|odbiorca|adres)|(?:u[zż]ytkownik|adresat|konto|skrzynka)\b[^.]{0,30}nie istnieje|"
    r"nie ma takiego|"
    r"(?:u[zž]ivatel|schr[aá]nka|adresa)\b[^.]{0,30}neexistuje|nezn[aá]m[yý]|ok(?:ä|a)nd (?:anv(?:ä|a)ndare|mottagare)|"
    r"finns inte|ukendt (?:bruger|modtager)|"
    r"ukjent (?:bruker|mottaker)|findes ikke|finnes ikke|tuntematon|ei l(?:ö|o)ydy|kullan[iı]c[iı][^.]{0,20}(?:bulunamad|"
    r"yok)|b(?:ö|o)yle bir|ge[cç]ersiz al[iı]c|"
    r"пользовател\w*[^.]{0,30}(?:не (?:найден|существует|известен)|неизвестен)|нет такого|"
    r"ящик[^.]{0,30}(?:не (?:существует|найден)|отключ|заблокирован|удал)|"
    r"(?:адрес|получател)\w*[^.]{0,30}(?:не (?:существует|найден)|неизвест)|неизвестный (?:пользователь|получатель)|"
    r"несуществующ",
    # Chinese, Japanese, Korean, Arabic
    r"(?:用户|用戶|收件人|帐号|账号|帳號|帐户|账户|邮箱|郵箱|信箱|地址|使用者|对方)[^。]{0,12}(?:不存在|未找到|找不到|"
    r"无效|無效|错误|停用|禁用|已?注销|未注册|被锁定|冻结)|"
    r"(?:无此|没有|沒有|無此|不存在)(?:该|此|这个|這個|的)?(?:用户|用戶|收件人|账号|帐号|帳號|邮箱|使用者|信箱)",
    r"(?:ユーザ|宛先|受信者|メールボックス|アドレス|アカウント)[^。]{0,14}(?:存在し|見つかり|不明|無効|ありません)|存在しない|"
    r"(?:사용자|수신자|메일함|계정|주소)[^.]{0,14}(?:없|존재하지|찾을 수)|존재하지 않|(?:المستخدم|المستلم|العنوان|"
    r"صندوق)[^.]{0,20}(?:غير (?:موجود|"
    r"معروف)|لا يوجد)",
    r"\binvalid address\b|user (?:unknown|terminated|has moved)|\bno recipients?\b|\bbadrcptto\b|\bnosuchuser\b|"
    r"mailbox has been (?:blocked|disabled)",
    # A relay's own list of addresses that bounced.
    r"suppression list|recipient (?:is |was |address )*suppressed|previously bounced|bounced address|bounce list",
)
# Not wanted from anybody: this mail's own content or size.
CONTENT = _any(
    r"(?:message|mail|e-?mail|header|body|content|data|attachment|file|headers|this)\b[^.]{0,30}\b(?:too (?:large|big|"
    r"long)|exceeds? [^.]{0,40}size|size exceeds?|larger than)",
    r"(?:size|length) (?:of (?:the|this|your) message )?(?:limit )?(?:exceed|is too|too)|maximum (?:message|fixed|allowed|"
    r"permitted)? ?(?:message )?size|message size|"
    r"(?:exceeds?|over) [^.]{0,30}(?:maximum|fixed|size) [^.]{0,20}(?:limit|size)",
    r"(?:message|mail|e-?mail)?\s*content (?:is |was |has been )?(?:rejected|refused|blocked|not (?:accepted|allowed)|"
    r"denied|restrict|filter|looks|policy|presents)",
    r"\b(?:virus|malware|phish\w*|trojan|worm|infected|attachment|banned file|executable)\b",
    r"(?:detected|identified|classified|considered|regarded|marked|recogni[sz]ed|looks|rejected|flagged|appears|scored?|"
    r"seems|deemed)\b[^.]{0,40}"
    r"\b(?:as |like |to be |is |be )*(?:\w+ )?(?:spam|junk|ube|uce|phish)|suspected spam\b|\bdt:sp[mb]\b"
    r"|spam (?:message|content|detected|score|"
    r"score too|mail|rejected|filter|or)|"
    r"this (?:message|mail|is) (?:\w+ )?(?:spam|junk)|(?:message|mail) (?:is|was) (?:\w+ )*spam|high spam",
    r"(?:bare (?:lf|cr|newline)|line too long|lines? longer|malformed (?:message|mime|header)|mime|header (?:error|"
    r"missing|syntax|field)|missing [^.]{0,20}header|"
    r"invalid header|8-?bit|charset|character set|encoding|not rfc ?\d+ compliant|duplicate header|message-id)",
)
# What a mail leads to stands on a list, and not who sent it.
LINKS = _any(
    r"(?:url|link|domain|website|uri)s? (?:in|within|inside|contained)[^.]{0,40}(?:message|mail|body)|(?:message|mail|"
    r"body) (?:contains?|includes)\b",
)

ORDER: Sequence[tuple[re.Pattern[str], Blame]] = (
    (AUTHENTICATION, Blame.US),
    (RELAY, Blame.US),
    (GREETING, Blame.US),
    (SENDER, Blame.US),
    (CROWDED, Blame.TIME),
    (LIMITED, Blame.US),
    (FULL, Blame.MAILBOX),
    (LINKS, Blame.MESSAGE),
    (LISTED, Blame.US),
    (CONTENT, Blame.MESSAGE),
    (BUSY, Blame.TIME),
    (GONE, Blame.ADDRESS),
    (POLICY, Blame.US),
)
