"""What elements of a page are called that stand beside its article."""

from __future__ import annotations

import re

NAMES = re.compile(
    r"newsletter|sign-?up|subscri|paywall|regwall|related|recirc|recommend|popular|trending|"
    r"read-?(?:more|next|also)|more-?(?:stories|from|news|articles|posts)|also-?like|"
    r"lire-?aussi|leggi-?anche|te-?puede|interesar|correlat|empfehl|relation\b|encart|"
    r"author-?(?:bio|box|card|info|desc|profile|about)|about-?(?:the-?)?author|author-box|"
    r"shar(?:e|ing)(?![a-z])|sharedaddy|social|comment(?!ary)|\brespond\b|byline|"
    r"cookie|consent|gdpr|cmp-|cmpbox|onetrust|didomi|usercentrics|cybot|tarteaucitron|iubenda|"
    r"promo(?![a-z])|advert|(?:^|[\s_-])ads?(?:$|[\s_-])|adslot|pop-?up|modal|"
    r"bread-?crumb|cart-|pagination|(?:prev|next)-?(?:post|article|story|prev|next)|post-?nav|"
    r"(?:^|[\s_-])(?:recent|latest|pop|footer|toc|caption|legal|copyright|products?)(?:$|[\s_-])|"
    r"bookmark-?card|product-?embed|editorial-?link|contact-?card|instagram-media|tiktok-embed|"
    r"read(?:ing)?-?time|time-?to-?read|img_?descr|tag-?(?:list|cloud)|post-?tags|keywords|"
    r"slide-?show|carousel|play-?list|(?:photo|image)-?gallery|gallery-?(?:photo|caption|item|wrap)|"
    r"(?<!has-)(?<!with-)(?<!no-)side-?bar(?:$|[\s_-])|statement|toolbar|(?:page|story|article)[-_]?tools|(?:report|spot)-?(?:error|mistake)|skip-?(?:link|to)|screen-reader|visually-hidden|sr-only|"
    r"pull-?quote|contributor|user-?(?:info|card)|cell--user|recent-?posts|disclaimer|disclosure|no-?print",
    re.IGNORECASE,
)
CONSENT = re.compile(
    r"cookie-?(?:notice|banner|bar|consent|law|wall|popup)|gdpr|qc-cmp|cmpbox|onetrust|didomi|"
    r"usercentrics|cybot|tarteaucitron|iubenda|sp_message|truste_",
    re.IGNORECASE,
)
"""What only those call an element who ask for consent, however much they say."""
COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:(?:user|reader|visitor|post|article|entry|story)s?[_-]?)?"
    r"(?:comment|commento|commentaire|comentario|kommentar|reaction|respuesta|opinione)[se]?(?:$|[\s_-])|"
    r"comment-?(?:list|thread|section|area|block|wrap)s?|commentsList|disqus|forum-?(?:thread|fil)",
    re.IGNORECASE,
)
"""What they call an element who let readers answer, though these often say more."""
BODY_NAMES = re.compile(
    r"(?:article|entry|post|story|news|page|body|main)[-_]*(?:body|content|text|copy)\b|"
    r"rich-?text|wysiwyg",
    re.IGNORECASE,
)
