package language

// tongue is a language with more names that people type for it, | between them.
type tongue struct {
	Language
	also string
}

// tongues are the languages of the United Kingdom's migrant communities, and a
// few beside them, sorted by tag. Correct an endonym here.
func tongues() []tongue {
	return []tongue{
		{Language{"aii", "ܣܘܪܝܬ", "Assyrian"}, "suret|sureth|assyrian neo-aramaic|aramaic"},
		{Language{"am", "አማርኛ", "Amharic"}, "amharigna|amarigna|amarinya"},
		{Language{"ar", "العربية", "Arabic"}, "عربي|عربى|اللغة العربية|arabi|araby|3arabi"},
		{Language{"bg", "Български", "Bulgarian"}, ""},
		{Language{"bn", "বাংলা", "Bengali"}, "bangla|bangali"},
		{Language{"ckb", "کوردی (سۆرانی)", "Kurdish (Sorani)"}, "sorani|soranî|سۆرانی|سورانی|کوردی سۆرانی|sorani kurdish|kurdi sorani"},
		{Language{"cs", "Čeština", "Czech"}, ""},
		{Language{"cy", "Cymraeg", "Welsh"}, ""},
		{Language{"de", "Deutsch", "German"}, ""},
		{Language{"el", "Ελληνικά", "Greek"}, "ellinika"},
		{Language{"en", "English", "English"}, "inglish|انجليزي|انگلیسی"},
		{Language{"es", "Español", "Spanish"}, "castellano"},
		{Language{"fa", "فارسی", "Persian (Farsi)"}, "farsi|persian|parsi|iranian"},
		{Language{"fa-AF", "دری", "Dari"}, "farsi dari|فارسی دری|afghan persian|دري"},
		{Language{"fil", "Filipino", "Filipino"}, "tagalog|pilipino"},
		{Language{"fr", "Français", "French"}, ""},
		{Language{"gu", "ગુજરાતી", "Gujarati"}, "gujrati"},
		{Language{"ha", "Hausa", "Hausa"}, ""},
		{Language{"haz", "آزرگی", "Hazaragi"}, "هزارگی|hazargi|azargi"},
		{Language{"hi", "हिन्दी", "Hindi"}, "हिंदी"},
		{Language{"hu", "Magyar", "Hungarian"}, ""},
		{Language{"hy", "Հայերեն", "Armenian"}, "hayeren"},
		{Language{"ig", "Igbo", "Igbo"}, "ibo"},
		{Language{"it", "Italiano", "Italian"}, ""},
		{Language{"ka", "ქართული", "Georgian"}, "kartuli"},
		{Language{"ku", "Kurdî (Kurmancî)", "Kurdish (Kurmanji)"}, "kurmanji|kurmancî|kirmanji|bahdini|badini|kurdish kurmanji|kurdi kurmanji"},
		{Language{"ln", "Lingála", "Lingala"}, ""},
		{Language{"lt", "Lietuvių", "Lithuanian"}, "lietuviu kalba"},
		{Language{"lv", "Latviešu", "Latvian"}, "latviesu valoda"},
		{Language{"ml", "മലയാളം", "Malayalam"}, ""},
		{Language{"my", "မြန်မာ", "Burmese"}, "myanmar|bama"},
		{Language{"ne", "नेपाली", "Nepali"}, ""},
		{Language{"nl", "Nederlands", "Dutch"}, ""},
		{Language{"om", "Afaan Oromoo", "Oromo"}, "oromiffa|oromoo|oromigna"},
		{Language{"pa", "ਪੰਜਾਬੀ", "Punjabi (Gurmukhi)"}, "gurmukhi"},
		{Language{"pa-Arab", "پنجابی (شاہ مکھی)", "Punjabi (Shahmukhi)"}, "shahmukhi|شاہ مکھی"},
		{Language{"pl", "Polski", "Polish"}, "po polsku|język polski"},
		{Language{"ps", "پښتو", "Pashto"}, "pashtu|pushto|pukhto|پشتو|افغانی"},
		{Language{"pt", "Português", "Portuguese"}, "brazilian"},
		{Language{"rhg", "Ruáingga", "Rohingya"}, "ruaingga"},
		{Language{"ro", "Română", "Romanian"}, "moldovan|limba română|moldovenească"},
		{Language{"rom", "Romani čhib", "Romani"}, "romani|romanes|roma|romany|řomani čhib|romani chib|rromani"},
		{Language{"ru", "Русский", "Russian"}, "по русски|русский язык|russkiy"},
		{Language{"rw", "Ikinyarwanda", "Kinyarwanda"}, "rwandan"},
		{Language{"si", "සිංහල", "Sinhala"}, "sinhalese"},
		{Language{"sk", "Slovenčina", "Slovak"}, "slovensky"},
		{Language{"so", "Soomaali", "Somali"}, "af soomaali|af-soomaali|somalian"},
		{Language{"sq", "Shqip", "Albanian"}, "gjuha shqipe"},
		{Language{"sr", "Српски", "Serbian"}, "srpski"},
		{Language{"sw", "Kiswahili", "Swahili"}, ""},
		{Language{"syl", "ꠍꠤꠟꠐꠤ", "Sylheti"}, "সিলেটি|ছিলটি|siloti|sylheti bangla"},
		{Language{"ta", "தமிழ்", "Tamil"}, "thamil"},
		{Language{"te", "తెలుగు", "Telugu"}, ""},
		{Language{"th", "ไทย", "Thai"}, "ภาษาไทย"},
		{Language{"ti", "ትግርኛ", "Tigrinya"}, "tigrigna|tigrina|tigrinia|tigrignya"},
		{Language{"tr", "Türkçe", "Turkish"}, "turkce"},
		{Language{"ug", "ئۇيغۇرچە", "Uyghur"}, "uighur|uygur"},
		{Language{"uk", "Українська", "Ukrainian"}, "українська мова|по українськи|ukrainska|ukrayinska"},
		{Language{"ur", "اردو", "Urdu"}, "اُردو"},
		{Language{"uz", "Oʻzbekcha", "Uzbek"}, "ozbek|o'zbek tili"},
		{Language{"vi", "Tiếng Việt", "Vietnamese"}, "viet"},
		{Language{"yo", "Yorùbá", "Yoruba"}, ""},
		{Language{"yue", "廣東話", "Cantonese"}, "粵語|粤语|广东话|guangdonghua"},
		{Language{"zh-Hans", "简体中文", "Chinese (Simplified)"}, "simplified chinese"},
		{Language{"zh-Hant", "繁體中文", "Chinese (Traditional)"}, "traditional chinese"},
	}
}

// several are the names that mean more than one of the tongues. Whoever types
// one is asked which: a guess would be right for only some of them.
func several() map[string][]string {
	return map[string][]string{
		"kurdish|kurdi|kurdî|کوردی|كردي|کردی|الكردية":       {"ckb", "ku"},
		"punjabi|panjabi|پنجابی":                            {"pa", "pa-Arab"},
		"chinese|mandarin|中文|汉语|漢語|普通话|普通話|国语|國語|putonghua": {"zh-Hans", "zh-Hant"},
	}
}

// meansAll are the tongues that the CLDR's name of a code may mean.
func meansAll(code string) []string {
	switch code {
	case "ku":
		return []string{"ckb", "ku"}
	case "pa":
		return []string{"pa", "pa-Arab"}
	case "zh":
		return []string{"zh-Hans", "zh-Hant"}
	case "syr":
		return []string{"aii"}
	case "tl":
		return []string{"fil"}
	}
	return []string{code}
}
